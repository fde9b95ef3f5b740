#include "app/cli/list_file.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace wrapup {
namespace {

namespace json = boost::json;

TEST(ListFile, columns_are_fields_or_variables) {
    const auto file = read_list_file(
        "Telephone;First Name;Last Name;Time Zone;order\n"
        "+61413052898;Ada;Lovelace;Europe/Berlin;4711\n",
        {});
    ASSERT_TRUE(file) << file.error().detail;
    ASSERT_EQ(file->rows.size(), 1U);
    EXPECT_EQ(file->rows[0].line, 2U);
    EXPECT_EQ(json::serialize(file->rows[0].call),
              R"({"to":"+61413052898","time_zone":"Europe/Berlin","name":"Ada Lovelace",)"
              R"("variables":{"order":"4711"}})");
    EXPECT_EQ(file->column_of("to"), "Telephone");
    EXPECT_EQ(file->column_of("time_zone"), "Time Zone");
    EXPECT_EQ(file->column_of("variables"), "variables");
}

TEST(ListFile, defaults_count_where_a_row_says_nothing) {
    const ListRowDefaults defaults{"Asia/Tokyo", {{"order", "none"}, {"season", "spring"}}};
    const auto file = read_list_file(
        "phone,time_zone,order\n+61413052898,Europe/Berlin,4711\n+61413052899,,\n", defaults);
    ASSERT_TRUE(file) << file.error().detail;
    ASSERT_EQ(file->rows.size(), 2U);
    const json::object& own = file->rows[0].call;
    EXPECT_EQ(own.at("time_zone"), "Europe/Berlin");
    EXPECT_TRUE(file->rows[0].has_time_zone);
    EXPECT_EQ(own.at("variables").at("order"), "4711");
    EXPECT_EQ(own.at("variables").at("season"), "spring");
    const json::object& none = file->rows[1].call;
    EXPECT_EQ(none.at("time_zone"), "Asia/Tokyo");
    EXPECT_FALSE(file->rows[1].has_time_zone);
    EXPECT_EQ(none.at("variables").at("order"), "none");
}

TEST(ListFile, a_file_without_numbers_is_refused_once) {
    for (const char* const text :
         {"nummer,name\n+61413052898,Ada\n+61413052899,Bob\n",
          "{\"nummer\":\"+61413052898\",\"name\":\"Ada\"}\n{\"nummer\":\"+61413052899\"}\n"}) {
        const auto file = read_list_file(text, {});
        ASSERT_FALSE(file) << text;
        EXPECT_EQ(file.error().detail,
                  ": no column is a phone number (phone); columns are nummer, name");
    }
    EXPECT_FALSE(read_list_file("phone\n", {}));
}

TEST(ListFile, tells_bad_lines_and_keeps_the_others) {
    const auto file = read_list_file("{\"phone\":\"+61413052898\"}\nodd\n{\"phone\":\"+1\"}\n", {});
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
