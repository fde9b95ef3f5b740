#include "domain/call_id.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wrapup {
namespace {

TEST(CallId, takes_what_twilio_and_elevenlabs_give_out) {
    EXPECT_TRUE(is_plausible_call_id("CA" + std::string(32, '0')));
    EXPECT_TRUE(is_plausible_call_id("conv_01jz-8k.x"));
    EXPECT_TRUE(is_plausible_call_id(std::string(128, 'a')));
}

TEST(CallId, of_twilio_is_in_lower_case) {
    EXPECT_EQ(read_call_sid("CA0123456789ABCDEF0123456789abcdef"),
              "CA0123456789abcdef0123456789abcdef");
    for (const char* const text :
         {"", "CA", "ca0123456789abcdef0123456789abcdef", "CA0123456789abcdef0123456789abcdeg"}) {
        EXPECT_EQ(read_call_sid(text), "") << text;
    }
}

TEST(CallId, refuses_what_does_not_belong_into_a_path) {
    for (const std::string& text :
         {std::string(), std::string(129, 'a'), std::string("a/b"), std::string("a b"),
          std::string("a\n"), std::string("\xc3\xa9"), std::string(1, '\0')}) {
        EXPECT_FALSE(is_plausible_call_id(text)) << text;
    }
}

}  // namespace
}  // namespace wrapup
