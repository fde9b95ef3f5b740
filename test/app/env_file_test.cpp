#include "app/env_file.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

struct GoodRow {
    const char* name;
    const char* text;
    const char* value;

    friend void PrintTo(const GoodRow& row, std::ostream* out) { *out << row.name; }
};

constexpr GoodRow good_rows[] = {
    {"bare", "KEY=value", "value"},
    {"empty", "KEY=", ""},
    {"blanks_around", "  KEY =  value  ", "value"},
    {"exported", "export KEY=value", "value"},
    {"exported_with_tab", "export\tKEY=value", "value"},
    {"comment_behind", "KEY=value # why", "value"},
    {"only_a_comment_behind", "KEY= # nothing", ""},
    {"hash_inside", "KEY=https://a.example/#part", "https://a.example/#part"},
    {"equals_inside", "KEY=a=b==", "a=b=="},
    {"single_quotes_are_verbatim", R"(KEY='a "b" \n #c')", R"(a "b" \n #c)"},
    {"double_quotes_escape", R"(KEY="a\"b\\c\nd\$e")", "a\"b\\c\nd$e"},
    {"unknown_escape_stays", R"(KEY="a\wb")", R"(a\wb)"},
    {"quoted_with_comment", R"(KEY="a # b" # c)", "a # b"},
    {"json", R"(KEY={"x-api-key":"s3cret"})", R"({"x-api-key":"s3cret"})"},
    {"carriage_return", "KEY=value\r\n", "value"},
    {"byte_order_mark", "\xef\xbb\xbfKEY=value\n", "value"},
    {"nothing_is_expanded", "KEY=$HOME", "$HOME"},
};

class GoodLine : public testing::TestWithParam<GoodRow> {};

TEST_P(GoodLine, is_understood) {
    const auto entries = parse_env_file(GetParam().text);
    ASSERT_TRUE(entries) << entries.error().detail;
    ASSERT_EQ(entries->size(), 1U);
    EXPECT_EQ(entries->front(), (EnvEntry{"KEY", GetParam().value, 1}));
}

INSTANTIATE_TEST_SUITE_P(Table, GoodLine, testing::ValuesIn(good_rows),
                         [](const auto& row) { return std::string(row.param.name); });

struct BadRow {
    const char* name;
    std::string text;
    const char* error;

    friend void PrintTo(const BadRow& row, std::ostream* out) { *out << row.name; }
};

const BadRow bad_rows[] = {
    {"no_equals", "A=1\nsecret", ".env line 2: expected KEY=VALUE"},
    {"no_name", "=secret", ".env line 1: the name before '=' is not one"},
    {"bad_name", "A-B=secret", ".env line 1: the name before '=' is not one"},
    {"digit_first", "1A=secret", ".env line 1: the name before '=' is not one"},
    {"open_single", "\nA='secret", ".env line 2: the quotes of A do not end the value"},
    {"open_double", "A=\"secret", ".env line 1: the quotes of A do not end the value"},
    {"escaped_end", "A=\"secret\\\"", ".env line 1: the quotes of A do not end the value"},
    {"text_behind_quotes", "A=\"secret\"more", ".env line 1: the quotes of A do not end the value"},
    {"zero_byte", std::string("A=\0b", 4), ".env line 1: holds a zero byte"},
};

class BadLine : public testing::TestWithParam<BadRow> {};

TEST_P(BadLine, is_named_by_number_and_never_quoted) {
    const auto entries = parse_env_file(GetParam().text);
    ASSERT_FALSE(entries);
    EXPECT_EQ(entries.error().code, Errc::invalid_input);
    EXPECT_EQ(entries.error().detail, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Table, BadLine, testing::ValuesIn(bad_rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(EnvFile, keeps_order_and_line_numbers) {
    const auto entries = parse_env_file("# head\n\nA=1\n  # more\nB=2\nA=3");
    ASSERT_TRUE(entries);
    EXPECT_EQ(*entries, (std::vector<EnvEntry>{{"A", "1", 3}, {"B", "2", 5}, {"A", "3", 6}}));
}

}  // namespace
}  // namespace wrapup
