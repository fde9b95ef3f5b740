#include "domain/plain_text.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using namespace std::string_view_literals;

struct Row {
    const char* name;
    std::string_view text;
    std::string_view plain;
};
constexpr Row rows[] = {
    {"empty", "", ""},
    {"plain", "Zoë talks, 𝄞.", "Zoë talks, 𝄞."},
    {"lines_and_tabs_stay", "a\nb\tc", "a\nb\tc"},
    {"other_ends_of_lines", "a\r\nb\rc\vd\fe", "a\nb\nc\nd\ne"},
    {"nul", "Zo\0e"sv, "Zoe"},
    {"c0", "\x01\x02\x07\x08\x0e\x1f", ""},
    {"del",
     "a\x7f"
     "b",
     "ab"},
    {"c1", "a\u0080\u0085\u009fb", "ab"},
    {"no_break_space_is_no_control", "a\u00a0b", "a\u00a0b"},
    {"colour", "\x1b[1;31mred\x1b[0m", "red"},
    {"colour_by_c1", "\u009b31mred", "red"},
    {"title", "\x1b]0;title\x07text", "text"},
    {"title_with_terminator", "\x1b]0;title\x1b\\text", "text"},
    {"title_without_end", "\x1b]0;a text", "0;a text"},
    {"device_control", "\x1bPq#0\x1b\\text", "text"},
    {"escape_alone", "a\x1b", "a"},
    {"escape_before_a_letter", "\x1bHello", "Hello"},
    {"escape_in_an_escape", "\x1b\x1b[31mred\x1b[\x1b[0m", "red"},
    {"cut_off", "red\x1b[31", "red"},
    {"not_utf8", "Zo\xeb!", "Zo\uFFFD!"},
    {"half_a_surrogate", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
};

TEST(PlainText, has_no_control_characters) {
    for (const Row& row : rows) {
        EXPECT_EQ(plain_text(row.text), row.plain) << row.name;
        EXPECT_EQ(plain_text(row.plain), row.plain) << row.name;
    }
}

TEST(PlainText, a_placeholder_is_no_value) {
    for (const std::string_view text : {""sv,
                                        " "sv,
                                        "\t\n"sv,
                                        "null"sv,
                                        "NULL"sv,
                                        " null "sv,
                                        "undefined"sv,
                                        "Undefined"sv,
                                        "None"sv,
                                        "nil"sv,
                                        "N/A"sv,
                                        "n/a"sv,
                                        "unknown"sv,
                                        "(null)"sv,
                                        "\"null\""sv,
                                        "'None'"sv,
                                        "<undefined>"sv,
                                        "[object Object]"sv,
                                        "{}"sv,
                                        "{{}}"sv,
                                        "{ }"sv,
                                        "[]"sv,
                                        "-"sv,
                                        "--"sv,
                                        "..."sv,
                                        "?"sv,
                                        "''"sv,
                                        "{{customer_name}}"sv,
                                        "{{ name }}"sv,
                                        "{{first}} {{last}}"sv,
                                        "Dr. {{last_name}}"sv,
                                        "{customer_name}"sv,
                                        "${name}"sv,
                                        "<%= name %>"sv,
                                        "\u00a0"sv,
                                        "\u200b\ufeff"sv,
                                        "\u3000null\u2060"sv,
                                        "nu\0ll"sv}) {
        EXPECT_EQ(value_or_empty(text), "") << text;
        EXPECT_TRUE(is_placeholder(plain_text(text))) << text;
    }
}

TEST(PlainText, a_name_is_a_value) {
    for (const std::string_view text :
         {"Ada"sv, "Zoë"sv, "李娜"sv, "Nan"sv, "Na Li"sv, "Jennifer Null"sv, "Nonesuch"sv, "0"sv,
          "X"sv, "O'Neil & Co."sv, "[Test] Spring"sv, "Nobody {yet}"sv, "+61413052898"sv,
          "sip:ada@example.com"sv, "Smith } {"sv}) {
        EXPECT_FALSE(is_placeholder(text)) << text;
        EXPECT_EQ(value_or_empty(text), text);
    }
    EXPECT_EQ(value_or_empty("  Zo\0\u00eb\r\n"sv), "Zoë");
}

}  // namespace
}  // namespace wrapup
