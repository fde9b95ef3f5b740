#include "codec/standard_webhooks.hpp"

#include <gtest/gtest.h>

#include "codec/bytes/digest.hpp"

namespace wrapup {
namespace {

// The example of the Standard Webhooks specification and of its libraries' tests.
TEST(StandardWebhooks, signs_the_published_example) {
    const auto key = parse_webhook_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    ASSERT_TRUE(key);
    EXPECT_EQ(sign_webhook(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", from_unix_s(1614265330),
                           R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(StandardWebhooks, the_id_the_second_and_the_body_are_signed) {
    const std::string key(24, 'k');
    const std::string signature = sign_webhook(key, "id", from_unix_s(10), "body");
    EXPECT_EQ(signature, sign_webhook(key, "id", from_unix_ms(10999), "body"));
    EXPECT_NE(signature, sign_webhook(key, "ie", from_unix_s(10), "body"));
    EXPECT_NE(signature, sign_webhook(key, "id", from_unix_s(11), "body"));
    EXPECT_NE(signature, sign_webhook(key, "id", from_unix_s(10), "bodz"));
    EXPECT_NE(signature, sign_webhook(std::string(24, 'l'), "id", from_unix_s(10), "body"));
}

TEST(StandardWebhooks, secrets_are_24_to_64_bytes) {
    const auto secret = [](std::size_t size) {
        return "whsec_" + to_base64(std::string(size, 's'));
    };
    EXPECT_EQ(parse_webhook_secret(secret(24)), Result<std::string>(std::string(24, 's')));
    EXPECT_EQ(parse_webhook_secret(secret(64)), Result<std::string>(std::string(64, 's')));
    EXPECT_TRUE(parse_webhook_secret(" " + secret(32) + "\n"));
    EXPECT_FALSE(parse_webhook_secret(secret(23)));
    EXPECT_FALSE(parse_webhook_secret(secret(65)));
    EXPECT_FALSE(parse_webhook_secret(to_base64(std::string(24, 's'))));
    EXPECT_FALSE(parse_webhook_secret("whsec_not base64 at all, is it?"));
    EXPECT_FALSE(parse_webhook_secret(""));
}

}  // namespace
}  // namespace wrapup
