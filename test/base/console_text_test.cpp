#include "base/console_text.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

const std::vector<std::vector<std::string>> table{
    {"CALL", "STATE", "WHY"}, {"CA1", "parked", "the CRM said no"}, {"CA22", "", ""}};

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

}  // namespace
}  // namespace wrapup
