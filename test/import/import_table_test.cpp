#include "import/import_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "import/import_json_lines.hpp"

namespace wrapup {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Members = std::vector<std::pair<std::string, std::string>>;

Members members_of(std::string_view line) {
    const auto read = JsonLinesReader(line).next();
    return read ? read->members : Members{};
}

TEST(JsonLines, writes_scalars_out_and_names_what_lies_deeper) {
    EXPECT_EQ(members_of(R"({"a":"x","b":4915112345678,"c":1.5,"d":true,"e":null,"f":[1]})"),
              (Members{{"a", "x"}, {"b", "4915112345678"}, {"c", "1.5"}, {"d", "true"}}));
    EXPECT_EQ(members_of(R"({"campaign":{"name":"Spring","by":{"id":7}}})"),
              (Members{{"campaign.name", "Spring"}, {"campaign.by.id", "7"}}));
}

TEST(JsonLines, takes_what_mongoexport_writes) {
    EXPECT_EQ(members_of(R"({"_id":{"$oid":"65a1"},"n":{"$numberLong":"12"}})"),
              (Members{{"_id", "65a1"}, {"n", "12"}}));
    EXPECT_EQ(members_of(R"({"n":4915112345678.0})"), (Members{{"n", "4915112345678"}}));
}

TEST(JsonLines, names_bad_lines_and_goes_on) {
    JsonLinesReader reader("{\"a\":1}\n\nnonsense\n[1]\n{\"a\":\"\xFF\"}\n{\"a\":2}");
    std::vector<std::pair<std::size_t, std::string>> lines;
    while (const auto line = reader.next()) lines.emplace_back(line->line, line->problem);
    EXPECT_THAT(lines, ElementsAre(std::pair{1U, ""}, std::pair{3U, "not a JSON object"},
                                   std::pair{4U, "not a JSON object"}, std::pair{5U, "not UTF-8"},
                                   std::pair{6U, ""}));
}

Result<ImportTable> open(std::string_view text) { return ImportTable::open(text, {}); }

TEST(ImportTable, knows_csv_with_its_separator) {
    auto table = open("\xEF\xBB\xBFsid;name\r\nCA1;Ada\r\n");
    ASSERT_TRUE(table);
    EXPECT_EQ(table->format(), "CSV with semicolons");
    EXPECT_THAT(table->columns(), ElementsAre("sid", "name"));
    EXPECT_THAT(table->next()->cells, ElementsAre("CA1", "Ada"));
    EXPECT_FALSE(table->next());
}

TEST(ImportTable, believes_a_line_that_names_the_separator) {
    auto table = open("sep=;\r\nsid;name, title\r\n1;2\r\n");
    ASSERT_TRUE(table);
    EXPECT_THAT(table->columns(), ElementsAre("sid", "name, title"));
    EXPECT_EQ(table->next()->line, 3U);
}

TEST(ImportTable, fills_short_lines_and_refuses_long_ones) {
    auto table = open("a,b\n1\n1,2,\n1,2,3\n");
    ASSERT_TRUE(table);
    EXPECT_THAT(table->next()->cells, ElementsAre("1", ""));
    EXPECT_EQ(table->next()->problem, "");
    EXPECT_EQ(table->next()->problem, "3 cells under 2 columns");
}

TEST(ImportTable, takes_columns_of_json_lines_from_the_first_of_them_and_from_whoever_asks) {
    auto table = ImportTable::open("{\"b\":1}\n{\"a\":2,\"b\":3}\n{\"z\":4}\n", {"y"});
    ASSERT_TRUE(table);
    EXPECT_EQ(table->format(), "JSON lines");
    EXPECT_THAT(table->columns(), ElementsAre("b", "a", "z", "y"));
    EXPECT_THAT(table->next()->cells, ElementsAre("1", "", "", ""));
    EXPECT_THAT(table->next()->cells, ElementsAre("3", "2", "", ""));
}

TEST(ImportTable, refuses_what_it_cannot_take) {
    const std::pair<std::string_view, const char*> refused[] = {
        {"", "is empty"},
        {" \n", "is empty"},
        {std::string_view("\xFF\xFEs\0i\0", 6), "UTF-16"},
        {"[{\"a\":1}]", "JSON list"},
        {"\"a\nb", "the line of the column names is a quote"},
        {"a\xFF,b\n", "not UTF-8"},
        {"{nonsense\n", "no JSON object"},
    };
    for (const auto& [text, reason] : refused) {
        const auto table = open(text);
        ASSERT_FALSE(table) << reason;
        EXPECT_THAT(table.error().detail, HasSubstr(reason));
    }
}

}  // namespace
}  // namespace wrapup
