#include "codec/json/json_value.hpp"

#include <gtest/gtest.h>

#include "codec/json/json_rules.hpp"

namespace wrapup {
namespace {

std::string reread(std::string_view text) {
    const auto object = parse_json_object(text);
    return object ? boost::json::serialize(*object) : "refused";
}

TEST(JsonValue, takes_what_python_and_windows_write) {
    EXPECT_EQ(reread(R"({"a":NaN,"b":[Infinity,-Infinity,1]})"), R"({"a":null,"b":[null,null,1]})");
    EXPECT_EQ(reread("\xEF\xBB\xBF{\"a\":1}"), R"({"a":1})");
    EXPECT_EQ(reread("\xEF\xBB\xBF{\"a\":NaN}"), R"({"a":null})");
    EXPECT_EQ(reread(R"({"a":"NaN \"Infinity\\","b":NaN})"),
              R"({"a":"NaN \"Infinity\\","b":null})");
    EXPECT_EQ(reread(R"({"a":NaNs})"), "refused");
    EXPECT_EQ(reread(R"({NaN:1})"), "refused");
    EXPECT_EQ(reread(R"({"a":nan})"), "refused");
    EXPECT_EQ(reread("\xEF\xBB\xBF\xEF\xBB\xBF{}"), "refused");
}

TEST(JsonValue, is_nested_at_most_two_hundred_deep) {
    const auto nested = [](std::size_t depth) {
        return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };
    EXPECT_TRUE(parse_json_object(nested(json_depth_max)));
    EXPECT_FALSE(parse_json_object(nested(json_depth_max + 1)));
}

TEST(JsonValue, mends_characters_only_inside_of_strings) {
    EXPECT_EQ(mend_json("{\"a\":\"\xff\"}"), "{\"a\":\"\xEF\xBF\xBD\"}");
    EXPECT_EQ(mend_json(R"({"a":"\ud800x\ud83d\ude00"})"), R"({"a":"\ufffdx\ud83d\ude00"})");
    EXPECT_EQ(mend_json(R"({"a":"cut off \)"), R"({"a":"cut off \)");
}

}  // namespace
}  // namespace wrapup
