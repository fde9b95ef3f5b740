#include "codec/elevenlabs/webhook_list.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(WebhookList, health_is_read) {
    const auto webhooks = parse_webhook_list(
        R"({"webhooks":[{"name":"post-call","webhook_url":"https://h.example/x?token=1",)"
        R"("is_disabled":true,"is_auto_disabled":true,"most_recent_failure_error_code":503,)"
        R"("most_recent_failure_timestamp":1762713911},{"name":"other"},7]})");
    ASSERT_TRUE(webhooks);
    ASSERT_EQ(webhooks->size(), 2U);
    const WebhookHealth expected{"post-call", "https://h.example/x",     true, true,
                                 "503",       from_unix_s(1'762'713'911)};
    EXPECT_EQ(webhooks->front(), expected);
    EXPECT_FALSE(webhooks->back().is_auto_disabled);
}

TEST(WebhookList, a_url_shows_no_credentials) {
    const auto webhooks =
        parse_webhook_list(R"({"webhooks":[{"webhook_url":"https://user:pass@h.example/x#y"}]})");
    ASSERT_TRUE(webhooks);
    EXPECT_EQ(webhooks->front().url, "https://h.example/x");
}

TEST(WebhookList, nonsense_is_refused) {
    for (const char* const text : {"", "[]", "{}", R"({"webhooks":7})", "<html>"}) {
        const auto webhooks = parse_webhook_list(text);
        ASSERT_FALSE(webhooks) << text;
        EXPECT_EQ(webhooks.error().code, Errc::invalid_input);
    }
}

}  // namespace
}  // namespace wrapup
