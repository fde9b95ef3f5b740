#include "app/cli/list_file.hpp"

#include <boost/json.hpp>

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(ListFile, names_what_a_call_needs_and_the_rest_are_variables) {
    const auto file = read_list_file(
        "\xEF\xBB\xBFPhone,First Name,last-name,Time Zone,Order No\n"
        "+61413052898,Ada,Example,Europe/Berlin,4711\n"
        "+61413052899,,,,\n");
    ASSERT_TRUE(file);
    ASSERT_EQ(file->rows.size(), 2U);
    EXPECT_EQ(
        boost::json::value(file->rows[0].call),
        boost::json::parse(R"({"to":"+61413052898","name":"Ada Example",)"
                           R"("time_zone":"Europe/Berlin","variables":{"Order No":"4711"}})"));
    EXPECT_EQ(boost::json::value(file->rows[1].call),
              boost::json::parse(R"({"to":"+61413052899"})"));
    EXPECT_EQ(file->rows[1].line, 3U);
}

TEST(ListFile, tells_bad_lines_and_keeps_the_others) {
    const auto file = read_list_file("{\"phone\":\"+61413052898\"}\nodd\n{\"phone\":\"+1\"}\n");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->rows.size(), 2U);
    ASSERT_EQ(file->bad.size(), 1U);
    EXPECT_EQ(file->bad[0].first, 2U);
}

TEST(ListFile, of_nothing_is_none) {
    EXPECT_EQ(read_list_file("phone,name\n").error().detail, " has no rows");
    EXPECT_FALSE(read_list_file(""));
}

}  // namespace
}  // namespace wrapup
