#include "base/json_string.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(JsonString, escapes_what_the_standard_wants_and_nothing_else) {
    EXPECT_EQ(json_quoted(""), R"("")");
    EXPECT_EQ(json_quoted(R"(a "b" \ /)"), R"("a \"b\" \\ /")");
    EXPECT_EQ(json_quoted("\n\r\t"), R"("\n\r\t")");
    EXPECT_EQ(json_quoted(std::string_view("\0\b\x1f\x7f", 4)), "\"\\u0000\\u0008\\u001f\x7f\"");
    EXPECT_EQ(json_quoted("Zo\xc3\xab"), "\"Zo\xc3\xab\"");
}

TEST(JsonString, bytes_that_are_not_utf8_become_replacement_characters) {
    EXPECT_EQ(json_quoted("a\xff\"b"), "\"a\xEF\xBF\xBD\\\"b\"");
}

TEST(JsonString, is_appended) {
    std::string out = "x:";
    append_json_string(out, "y");
    EXPECT_EQ(out, R"(x:"y")");
}

}  // namespace
}  // namespace wrapup
