#include "http/webhooks/json_check.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(JsonCheck, knows_json_from_other_things) {
    for (const char* text : {"{}", " [1, -2.5e3, \"x\", null, true] \n", "\"x\"", "7", "\"\xff\"",
                             "\xEF\xBB\xBF{}", "[NaN, -Infinity]", "\"\\ud800\""}) {
        EXPECT_TRUE(is_json(text)) << text;
    }
    for (const char* text : {"", " ", "{", "{}x", "{'a':1}", "nul", "\xff", "NaNs"}) {
        EXPECT_FALSE(is_json(text)) << text;
    }
}

}  // namespace
}  // namespace wrapup
