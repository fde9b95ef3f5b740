#include "app/cli/list_file.hpp"

#include <gmock/gmock.h>
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
                  ": no column for phone of calls to be made among: nummer, name. Say it with "
                  "--map COLUMN=FIELD");
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

TEST(ListFile, columns_mean_what_they_mean_to_import) {
    const auto file =
        read_list_file("Mobile,Customer Name,TZ,order\n+447700900601,Tess,Australia/Sydney,4711\n");
    ASSERT_TRUE(file) << file.error().detail;
    EXPECT_EQ(json::serialize(file->rows.at(0).call),
              R"({"to":"+447700900601","name":"Tess","time_zone":"Australia/Sydney",)"
              R"("variables":{"order":"4711"}})");
    EXPECT_TRUE(file->doubts.empty());
    for (const auto& [column, taken] : {std::pair{"Mobile", "phone"},
                                        {"Customer Name", "name"},
                                        {"TZ", "time_zone"},
                                        {"order", "variable"}}) {
        EXPECT_THAT(file->preview, testing::ContainsRegex(std::string(column) + " +" + taken));
    }
}

TEST(ListFile, a_person_without_a_whole_name_has_its_parts) {
    const auto file =
        read_list_file("phone,name,first_name\n+61413052898,,Ada\n+61413052899,Bob Ross,Bob\n");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->rows.at(0).call.at("name"), "Ada");
    EXPECT_EQ(file->rows.at(1).call.at("name"), "Bob Ross");
}

TEST(ListFile, doubts_a_column_that_looks_like_a_name_or_a_zone) {
    const auto file =
        read_list_file("phone,Kunde,Ort,order\n+61413052898,Ada,Europe/Berlin,4711\n");
    ASSERT_TRUE(file);
    ASSERT_EQ(file->doubts.size(), 2U);
    EXPECT_THAT(file->doubts[0], testing::HasSubstr("Kunde looks like the name"));
    EXPECT_THAT(file->doubts[1], testing::HasSubstr("--map Ort=time_zone"));
    for (const char* const column : {"zone", "Zeitzone", "Time zone (IANA)"}) {
        const auto zone =
            read_list_file("phone,name," + std::string(column) + "\n+61413052898,A,x\n");
        ASSERT_TRUE(zone);
        EXPECT_EQ(zone->doubts.size(), 1U) << column;
    }
    const ListRowDefaults defaults{"Europe/Berlin", {}};
    EXPECT_TRUE(read_list_file("phone,name,zone,company_name\n+61413052898,A,x,y\n", defaults)
                    ->doubts.empty());
}

TEST(ListFile, a_line_that_is_wrong_says_nothing_of_its_columns) {
    const auto file =
        read_list_file("phone,Ort\n+61413052898,Ada,surplus\n+61413052899,Europe/Berlin\n");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->bad.size(), 1U);
    ASSERT_EQ(file->doubts.size(), 1U);
    EXPECT_THAT(file->doubts[0], testing::HasSubstr("--map Ort=time_zone"));
    EXPECT_TRUE(read_list_file("phone,Ort\n+61413052898,Ada,surplus\n")->doubts.empty());
}

TEST(ListFile, a_rule_says_what_a_column_means) {
    const auto file = read_list_file("phone,Kunde,Ort,zone\n+61413052898,Ada,Europe/Berlin,north\n",
                                     {}, {{"Kunde", "name"}, {"Ort", "time_zone"}, {"zone", ""}});
    ASSERT_TRUE(file) << file.error().detail;
    EXPECT_EQ(json::serialize(file->rows.at(0).call),
              R"({"to":"+61413052898","name":"Ada","time_zone":"Europe/Berlin"})");
    EXPECT_TRUE(file->doubts.empty());
    EXPECT_FALSE(read_list_file("phone\n+61413052898\n", {}, {{"Kunde", "name"}}));
}

TEST(ListFile, bytes_that_are_not_utf8_are_a_bad_line) {
    const auto file = read_list_file(
        "phone,Name,order\n+61413052898,Caf\xe9,1\n+61413052899,Bob,\xff\n"
        "+61413052897,Caf\xc3\xa9,1\n");
    ASSERT_TRUE(file);
    ASSERT_EQ(file->rows.size(), 1U);
    EXPECT_EQ(file->rows[0].call.at("name"), "Caf\xc3\xa9");
    ASSERT_EQ(file->bad.size(), 2U);
    EXPECT_EQ(file->bad[0], std::pair(std::size_t{2}, std::string("Name is not UTF-8")));
    EXPECT_EQ(file->bad[1], std::pair(std::size_t{3}, std::string("order is not UTF-8")));
}

TEST(ListFile, of_nothing_is_none) {
    EXPECT_EQ(read_list_file("phone,name\n").error().detail, " has no rows");
    EXPECT_FALSE(read_list_file(""));
}

}  // namespace
}  // namespace wrapup
