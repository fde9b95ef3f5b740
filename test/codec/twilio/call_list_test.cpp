#include "codec/twilio/call_list.hpp"

#include <gtest/gtest.h>

#include "codec/twilio/twilio_events.hpp"

namespace wrapup {
namespace {

constexpr const char* base = "https://api.twilio.com";

TEST(CallList, calls_and_the_next_page_are_read) {
    const auto list = parse_call_list(
        R"({"calls":[{"sid":"CA0123456789abcdef0123456789abcdef","status":"completed",)"
        R"("duration":"79"},{"sid":null},7],"next_page_uri":"/2010-04-01/x?Page=1"})");
    ASSERT_TRUE(list);
    ASSERT_EQ(list->calls.size(), 1U);
    EXPECT_EQ(list->calls.front().call.duration_s, 79);
    const auto alone = parse_twilio_call(list->calls.front().payload);
    ASSERT_TRUE(alone);
    EXPECT_EQ(*alone, list->calls.front().call);
    EXPECT_EQ(list->unreadable_count, 2);
    EXPECT_EQ(list->next_page_uri, "/2010-04-01/x?Page=1");
}

TEST(CallList, the_last_page_names_none) {
    const auto list = parse_call_list(R"({"calls":[],"next_page_uri":null})");
    ASSERT_TRUE(list);
    EXPECT_EQ(list->next_page_uri, "");
}

TEST(CallList, nonsense_and_half_a_page_are_refused) {
    for (const char* const text :
         {"", "<html>", "[]", "{}", R"({"calls":{}})", R"({"calls":[{"sid":"CA0123456789abc)",
          R"({"calls":[],"next_page_uri":5})", R"({"calls":[],"next_page_uri":true})",
          R"({"calls":[],"next_page_uri":[]})", R"({"calls":[],"next_page_uri":{}})"}) {
        const auto list = parse_call_list(text);
        ASSERT_FALSE(list) << text;
        EXPECT_EQ(list.error().code, Errc::invalid_input);
    }
}

TEST(NextPagePath, is_on_the_host_that_was_asked) {
    EXPECT_EQ(*next_page_path(base, "/2010-04-01/x?Page=1"), "/2010-04-01/x?Page=1");
    EXPECT_EQ(*next_page_path(base, "https://API.twilio.com/x?y=1"), "/x?y=1");
    EXPECT_EQ(*next_page_path("http://127.0.0.1:81/p", "http://127.0.0.1:81/x"), "/x");
}

TEST(NextPagePath, refuses_every_other_host) {
    for (const char* const uri :
         {"https://evil.example/x", "//evil.example/x", "http://api.twilio.com/x",
          "https://api.twilio.com:444/x", "https://api.twilio.com.evil.example/x",
          "https://api.twilio.com@evil.example/x", "evil.example/x", "", "/\\evil.example", "/x y",
          "/x\r\nHost: evil", "javascript://x/y", "https://api.twilio.com"}) {
        EXPECT_FALSE(next_page_path(base, uri)) << uri;
    }
}

}  // namespace
}  // namespace wrapup
