#include "import/import_csv.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using Cells = std::vector<std::string>;

struct Row {
    const char* name;
    std::string_view text;
    std::vector<Cells> records;  // A record without cells is a bad one.
    std::vector<std::size_t> lines;

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

const Row rows[] = {
    {"plain", "a,b\nc,d\n", {{"a", "b"}, {"c", "d"}}, {1, 2}},
    {"no_end_of_line", "a,b\nc,d", {{"a", "b"}, {"c", "d"}}, {1, 2}},
    {"dos_lines", "a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}, {1, 2}},
    {"mac_lines", "a,b\rc,d\r", {{"a", "b"}, {"c", "d"}}, {1, 2}},
    {"empty_cells", ",\n,,\n", {{"", ""}, {"", "", ""}}, {1, 2}},
    {"empty_lines", "\n\na\n\r\n\nb\n", {{"a"}, {"b"}}, {3, 6}},
    {"quoted", "\"a,b\",\"c\"\n", {{"a,b", "c"}}, {1}},
    {"doubled_quotes", "\"say \"\"hi\"\"\",\"\"\"\"\n", {{"say \"hi\"", "\""}}, {1}},
    {"empty_quotes", "\"\",x\n", {{"", "x"}}, {1}},
    {"line_break_inside", "\"a\nb\",c\r\nd,e\n", {{"a\nb", "c"}, {"d", "e"}}, {1, 3}},
    {"dos_line_break_inside", "\"a\r\nb\",c\nd\n", {{"a\nb", "c"}, {"d"}}, {1, 3}},
    {"quote_inside_a_plain_cell", "5\" pipe,x\n", {{"5\" pipe", "x"}}, {1}},
    {"blank_before_a_quote_is_plain", "a, \"b\"\n", {{"a", " \"b\""}}, {1}},
    {"text_after_a_quote", "\"a\"b,c\nd,e\n", {{}, {"d", "e"}}, {1, 2}},
    {"quote_not_closed", "\"a,b\nc,d\n", {{}, {"c", "d"}}, {1, 2}},
    {"nothing", "", {}, {}},
    {"only_lines", "\n\r\n", {}, {}},
};

class Csv : public testing::TestWithParam<Row> {};

TEST_P(Csv, reads) {
    CsvReader reader(GetParam().text, ',');
    std::vector<Cells> records;
    std::vector<std::size_t> lines;
    while (const auto record = reader.next()) {
        EXPECT_EQ(record->problem.empty(), !record->cells.empty());
        records.push_back(record->cells);
        lines.push_back(record->line);
    }
    EXPECT_EQ(records, GetParam().records);
    EXPECT_EQ(lines, GetParam().lines);
    EXPECT_EQ(reader.position().offset, GetParam().text.size());
}

INSTANTIATE_TEST_SUITE_P(Table, Csv, testing::ValuesIn(rows),
                         [](const auto& row_info) { return std::string(row_info.param.name); });

TEST(CsvReader, goes_on_from_a_position) {
    const std::string_view text = "a\n\"b\nb\"\nc\n";
    CsvReader reader(text, ',');
    ASSERT_TRUE(reader.next());
    ASSERT_TRUE(reader.next());
    const auto rest = CsvReader(text, ',', reader.position()).next();
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->cells, Cells{"c"});
    EXPECT_EQ(rest->line, 4U);
}

TEST(CsvReader, an_open_quote_costs_one_line_of_a_large_file) {
    std::string text = "\"open\n";
    for (int i = 0; i < 20'000; ++i) text += "1,2,3,4,5,6,7\n";
    CsvReader reader(text, ',');
    const auto first = reader.next();
    ASSERT_TRUE(first);
    EXPECT_FALSE(first->problem.empty());
    std::size_t count = 0;
    while (const auto record = reader.next()) count += record->problem.empty() ? 1U : 0U;
    EXPECT_EQ(count, 20'000U);
}

TEST(GuessSeparator, takes_the_most_frequent_one_outside_of_quotes) {
    EXPECT_EQ(guess_separator("a,b,c\nd;e;f;g"), ',');
    EXPECT_EQ(guess_separator("a;b;c,d\n"), ';');
    EXPECT_EQ(guess_separator("a\tb\n"), '\t');
    EXPECT_EQ(guess_separator("\"a,b,c\";d\n"), ';');
    EXPECT_EQ(guess_separator("a\n"), ',');
}

}  // namespace
}  // namespace wrapup
