#include "http/webhooks/twilio_gate.hpp"

#include <gtest/gtest.h>

#include "codec/bytes/form.hpp"

namespace wrapup {
namespace {

const Form form = {{"CallSid", "CA0123456789abcdef0123456789abcdef"}, {"CallStatus", "busy"}};
const UtcTime start = from_unix_s(1762713911);

class TwilioGateTest : public testing::Test {
protected:
    // As it arrives at /call-status-callback.
    std::string_view cause_of(const std::string& signature, UtcTime now) {
        TwilioRequest request;
        request.target = target_;
        request.signature = signature;
        request.content_type = "application/x-www-form-urlencoded";
        request.form = &form;
        request.host = "calls.example.com";
        const auto refusal = gate_.check(request, now);
        return refusal ? refusal->cause : "genuine";
    }
    std::string sign(const std::string& origin) const {
        return twilio_signature("token", origin + target_, form);
    }

    std::string target_ = "/call-status-callback";
    TwilioGate gate_{{"https://calls.example.com", {"token"}, ""}};
    const std::string forged_ = sign("https://elsewhere.example.com");
};

// Two hashes refuse; looking for the right SERVER_URL costs some more, ten times a minute.
TEST_F(TwilioGateTest, forged_requests_are_explained_at_the_pace_of_the_log) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(cause_of(forged_, start), "bad_signature");
    const std::size_t explained = gate_.cost().hashes_count;
    EXPECT_GT(explained, 10U * 2U);
    for (int i = 0; i < 1'000; ++i) EXPECT_EQ(cause_of(forged_, start), "bad_signature");
    EXPECT_EQ(gate_.cost().hashes_count - explained, 1'000U * 2U);
    const std::size_t before = gate_.cost().hashes_count;
    EXPECT_EQ(cause_of(forged_, start + std::chrono::minutes{1}), "bad_signature");
    EXPECT_GT(gate_.cost().hashes_count - before, 2U);
}

TEST_F(TwilioGateTest, forged_queries_of_apostrophes_cost_their_size) {
    target_ += "?" + std::string(12'000, '\'');
    for (int i = 0; i < 100; ++i) EXPECT_EQ(cause_of(forged_, start), "bad_signature");
    EXPECT_EQ(gate_.cost().hashes_count, 100U * 2U);
    EXPECT_LE(gate_.cost().hashed_bytes, 100U * 2U * 13'000U);
}

TEST_F(TwilioGateTest, a_wrong_server_url_is_counted_right_beyond_what_is_explained) {
    const std::string signature = sign("http://calls.example.com");
    for (int i = 0; i < 100; ++i) EXPECT_EQ(cause_of(signature, start), "wrong_server_url") << i;
    EXPECT_EQ(cause_of(sign("https://calls.example.com"), start), "genuine");
    const std::size_t before = gate_.cost().hashes_count;
    EXPECT_EQ(cause_of(signature, start), "wrong_server_url");
    EXPECT_LE(gate_.cost().hashes_count - before, 4U) << "no more than refusing twice";
}

TEST_F(TwilioGateTest, a_clock_set_back_stops_no_explanation) {
    for (int i = 0; i < 10; ++i) (void)cause_of(forged_, start);
    const std::string signature = sign("http://calls.example.com");
    EXPECT_EQ(cause_of(signature, start), "bad_signature");
    EXPECT_EQ(cause_of(signature, start - std::chrono::hours{3}), "wrong_server_url");
}

}  // namespace
}  // namespace wrapup
