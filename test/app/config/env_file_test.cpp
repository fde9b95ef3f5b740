#include "app/config/env_file.hpp"

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
    {"backticks_are_verbatim", R"(KEY=`a "b" 'c' \n` # d)", R"(a "b" 'c' \n)"},
    {"pem_over_lines", "KEY=\"-----BEGIN KEY-----\nMIIB=\n-----END KEY-----\" # mine\n",
     "-----BEGIN KEY-----\nMIIB=\n-----END KEY-----"},
    {"json_over_lines", "KEY='{\r\n  \"x-api-key\": \"s3cret\"\r\n}'\r\n",
     "{\n  \"x-api-key\": \"s3cret\"\n}"},
    {"escapes_over_lines", "KEY=\"a\\\"\n\\\"b\"", "a\"\n\"b"},
    {"quotes_in_the_same_quotes", R"(KEY="{"x-api-key":"s3cret"}")", R"({"x-api-key":"s3cret"})"},
    {"old_line_ends", "KEY=value\r# more\r", "value"},
};

class GoodLine : public testing::TestWithParam<GoodRow> {};

TEST_P(GoodLine, is_understood) {
    const EnvFile file = parse_env_file(GetParam().text);
    EXPECT_EQ(file.faults, std::vector<EnvFault>{});
    ASSERT_EQ(file.entries.size(), 1U);
    EXPECT_EQ(file.entries.front(), (EnvEntry{"KEY", GetParam().value, 1}));
}

INSTANTIATE_TEST_SUITE_P(Table, GoodLine, testing::ValuesIn(good_rows),
                         [](const auto& row) { return std::string(row.param.name); });

struct BadRow {
    const char* name;
    std::string text;
    EnvFault fault;

    friend void PrintTo(const BadRow& row, std::ostream* out) { *out << row.name; }
};

const BadRow bad_rows[] = {
    {"no_equals", "A=1\nmy secret\nB=2", {2, "", ".env line 2: expected KEY=VALUE"}},
    {"name_alone", "A=1\nexport FLAG\nB=2", {2, "FLAG", ".env line 2: expected KEY=VALUE"}},
    {"no_name", "A=1\n=secret\nB=2", {2, "", ".env line 2: the name before '=' is not one"}},
    {"hyphen", "A=1\na-b=secret\nB=2", {2, "", ".env line 2: the name before '=' is not one"}},
    {"dot", "A=1\na.b=secret\nB=2", {2, "", ".env line 2: the name before '=' is not one"}},
    {"digit_first", "A=1\n1A=secret\nB=2", {2, "", ".env line 2: the name before '=' is not one"}},
    {"open_single",
     "A=1\nC='secret\nB=2",
     {2, "C", ".env line 2: the quotes of C do not end the value"}},
    {"open_double",
     "A=1\nC=\"secret\nB=2",
     {2, "C", ".env line 2: the quotes of C do not end the value"}},
    {"escaped_end",
     "A=1\nC=\"secret\\\"x\nB=2",
     {2, "C", ".env line 2: the quotes of C do not end the value"}},
    {"text_behind_quotes",
     "A=1\nC=\"secret\"more\nB=2",
     {2, "C", ".env line 2: the quotes of C do not end the value"}},
    {"closed_by_the_next_value",
     "A=1\nC=\"secret\nB=\"2\"",
     {2, "C", ".env line 2: the quotes of C do not end the value"}},
    {"zero_byte", std::string("A=1\nC=\0b\nB=2", 12), {2, "", ".env line 2: holds a zero byte"}},
    {"zero_byte_over_lines",
     std::string("A=1\nC='b\n\0'\nB=2", 15),
     {2, "C", ".env line 2: holds a zero byte"}},
};

class BadLine : public testing::TestWithParam<BadRow> {};

TEST_P(BadLine, is_named_by_number_never_quoted_and_spares_the_others) {
    const EnvFile file = parse_env_file(GetParam().text);
    ASSERT_FALSE(file.faults.empty());
    EXPECT_EQ(file.faults.front(), GetParam().fault);
    ASSERT_EQ(file.entries.size(), 2U);
    EXPECT_EQ(file.entries[0], (EnvEntry{"A", "1", 1}));
    EXPECT_EQ(file.entries[1].name + file.entries[1].value, "B2");
}

INSTANTIATE_TEST_SUITE_P(Table, BadLine, testing::ValuesIn(bad_rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(EnvFile, keeps_order_and_line_numbers) {
    const EnvFile file = parse_env_file("# head\n\nA=1\n  # more\nB='2\n2'\nA=3");
    EXPECT_EQ(file.entries,
              (std::vector<EnvEntry>{{"A", "1", 3}, {"B", "2\n2", 5}, {"A", "3", 7}}));
    EXPECT_EQ(file.faults, std::vector<EnvFault>{});
}

TEST(EnvFile, says_that_utf_16_is_none) {
    const EnvFile file =
        parse_env_file(std::string("\xff\xfe"
                                   "A\0=\0",
                                   6));
    EXPECT_EQ(file.entries, std::vector<EnvEntry>{});
    EXPECT_EQ(file.faults,
              (std::vector<EnvFault>{{1, ".env", ".env is UTF-16; save it as UTF-8"}}));
}

}  // namespace
}  // namespace wrapup
