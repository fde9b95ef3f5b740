#include "base/text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace wrapup {
namespace {

using namespace std::string_literals;

TEST(Text, trims_white_space_at_both_ends_only) {
    EXPECT_EQ(trim(" \t\r\n a b \v\f"), "a b");
    EXPECT_EQ(trim("a"), "a");
    EXPECT_EQ(trim("   "), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Text, case_is_folded_in_ascii_only) {
    EXPECT_EQ(to_lower("AbZ@[`{É"), "abz@[`{É");
    EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-TYPE"));
    EXPECT_FALSE(equals_ignoring_case("a", "ab"));
    EXPECT_FALSE(equals_ignoring_case("[", "{"));
    EXPECT_TRUE(starts_with_ignoring_case("Bearer x", "bearer "));
    EXPECT_FALSE(starts_with_ignoring_case("Bear", "bearer"));
}

TEST(Text, splits_lists_without_empty_pieces) {
    EXPECT_EQ(split_list("a, b,,c"), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(split_list(" , "), std::vector<std::string>{});
    EXPECT_EQ(split_list(""), std::vector<std::string>{});
    EXPECT_EQ(split_list("a;b", ';'), (std::vector<std::string>{"a", "b"}));
}

TEST(Text, parses_integers_and_nothing_else) {
    EXPECT_EQ(parse_int("0"), 0);
    EXPECT_EQ(parse_int("-12"), -12);
    EXPECT_EQ(parse_int("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
    for (const char* text : {"", " 1", "1 ", "+1", "1.0", "0x1", "9223372036854775808", "-", "١"}) {
        EXPECT_EQ(parse_int(text), std::nullopt) << text;
    }
}

struct Utf8Row {
    std::string bytes;
    std::string valid;
};

TEST(Text, replaces_each_byte_that_is_not_utf8) {
    const std::string bad = "\xEF\xBF\xBD";
    const Utf8Row rows[] = {
        {"Zoë 日本 🎉", "Zoë 日本 🎉"},
        {"a\0b"s, "a\0b"s},
        {"Zo\xEB", "Zo" + bad},                       // Latin-1
        {"\x80", bad},                                // lone continuation
        {"\xC0\xAF", bad + bad},                      // overlong
        {"\xE0\x80\xAF", bad + bad + bad},            // overlong
        {"\xED\xA0\x80", bad + bad + bad},            // surrogate
        {"\xF4\x90\x80\x80", bad + bad + bad + bad},  // beyond U+10FFFF
        {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},     // U+10FFFF
        {"\xE2\x82", bad + bad},                      // cut off
        {"\xE2\x82x", bad + bad + "x"},               // interrupted
        {"\xF5\x80\x80\x80", bad + bad + bad + bad},  // never a lead
        {"", ""},
    };
    for (const Utf8Row& row : rows) {
        EXPECT_EQ(to_valid_utf8(row.bytes), row.valid);
        EXPECT_EQ(to_valid_utf8(row.valid), row.valid);
    }
}

TEST(Text, truncates_between_code_points) {
    EXPECT_EQ(truncate_utf8("Zoë", 4), "Zoë");
    EXPECT_EQ(truncate_utf8("Zoë", 3), "Zo");
    EXPECT_EQ(truncate_utf8("🎉!", 4), "🎉");
    EXPECT_EQ(truncate_utf8("🎉!", 3), "");
    EXPECT_EQ(truncate_utf8("abc", 0), "");
    EXPECT_LE(truncate_utf8(std::string(100, '\x80'), 50).size(), 50U);
    EXPECT_GE(truncate_utf8(std::string(100, '\x80'), 50).size(), 47U);
}

TEST(Text, a_word_of_a_shell_is_quoted_where_it_must_be) {
    EXPECT_EQ(shell_word("spring-2026"), "spring-2026");
    EXPECT_EQ(shell_word("Spring 2026"), "'Spring 2026'");
    EXPECT_EQ(shell_word("Ada's"), R"('Ada'\''s')");
    EXPECT_EQ(shell_word("$(x)"), "'$(x)'");
    EXPECT_EQ(shell_word(""), "''");
}

TEST(Text, compares_whole_secrets) {
    EXPECT_TRUE(equals_constant_time("", ""));
    EXPECT_TRUE(equals_constant_time("abc\xFF", "abc\xFF"));
    EXPECT_FALSE(equals_constant_time("abc", "abd"));
    EXPECT_FALSE(equals_constant_time("xbc", "abc"));
    EXPECT_FALSE(equals_constant_time("abc", "ab"));
    EXPECT_FALSE(equals_constant_time("abc", ""));
}

}  // namespace
}  // namespace wrapup
