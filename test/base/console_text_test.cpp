#include "base/console_text.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

const std::vector<std::vector<std::string>> table{
    {"CALL", "STATE", "WHY"}, {"CA1", "parked", "the CRM said no"}, {"CA22", "", ""}};

TEST(TerminalText, shows_what_a_terminal_would_act_on) {
    EXPECT_EQ(terminal_text("plain, \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
              "plain, \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    EXPECT_EQ(terminal_text("a\nb\tc\rd"), "a\\nb\\tc\\rd");
    EXPECT_EQ(terminal_text("\x1b[31m\x7f"), "\\u001b[31m\\u007f");
    EXPECT_EQ(terminal_text("C1 \xc2\x9b"), "C1 \\u009b");
    for (const char* bidi : {"\xe2\x80\xae", "\xe2\x80\x8f", "\xe2\x81\xa6", "\xe2\x80\xa8",
                             "\xd8\x9c", "\xef\xbb\xbf"}) {
        EXPECT_EQ(terminal_text(bidi).substr(0, 2), "\\u");
    }
    EXPECT_EQ(terminal_text("\xff"), "\xef\xbf\xbd");
    EXPECT_EQ(terminal_excerpt("0123456789", 4), "0123 ... (10 bytes)");
    EXPECT_EQ(terminal_excerpt("0123", 4), "0123");
}

TEST(TerminalJson, escapes_the_same_and_stays_equal) {
    EXPECT_EQ(terminal_json("{\"a\": \"\xc2\x9b 2J\xe2\x80\xae\\\\\xe2\x81\xa6\x7f\"}\n"),
              "{\"a\": \"\\u009b 2J\\u202e\\\\\\u2066\\u007f\"}\n");
    EXPECT_EQ(terminal_json("[\n \"\xc3\xa9\\u001b\"\n]"), "[\n \"\xc3\xa9\\u001b\"\n]");
}

TEST(RenderTable, pads_all_columns_but_the_last) {
    EXPECT_EQ(render_table(table),
              "CALL  STATE   WHY\n"
              "CA1   parked  the CRM said no\n"
              "CA22\n");
    EXPECT_EQ(render_table(table, 29), render_table(table));
}

TEST(RenderTable, puts_columns_that_do_not_fit_below_the_others) {
    EXPECT_EQ(render_table(table, 28),
              "CALL  STATE\n"
              "    WHY\n"
              "CA1   parked\n"
              "    the CRM said no\n"
              "CA22\n");
}

TEST(RenderTable, leaves_a_cell_that_is_too_wide_whole) {
    EXPECT_EQ(render_table({{"wide", "word"}}, 3), "wide\n    word\n");
}

TEST(ConsoleText, is_wrapped_at_blanks_and_never_within_a_command) {
    EXPECT_EQ(wrapped("one two three four", 9, 2), "one two\n  three\n  four");
    EXPECT_EQ(wrapped("mend it, then wrapup replay --parked rejected. More of it", 30, 2),
              "mend it, then\n  wrapup replay --parked rejected.\n  More of it");
    EXPECT_EQ(wrapped("crm said 422 (wrapup show CA01).", 22, 2),
              "crm said 422\n  (wrapup show CA01).");
    EXPECT_EQ(wrapped("wrapup destination resume crm or not", 12, 0),
              "wrapup destination resume crm\nor not");
    EXPECT_EQ(wrapped("wrapup runs here", 10, 0), "wrapup runs\nhere");
    EXPECT_EQ(wrapped("start wrapup, or do not", 13, 0), "start wrapup,\nor do not");
}

}  // namespace
}  // namespace wrapup
