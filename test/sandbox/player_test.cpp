#include "sandbox/player.hpp"

#include <gmock/gmock.h>

#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/elevenlabs/elevenlabs_signature.hpp"
#include "codec/json/json_value.hpp"
#include "codec/twilio/twilio_signature.hpp"
#include "sandbox/calls/vendor_json.hpp"
#include "test/sandbox/stage.hpp"

namespace wrapup {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class PlayerTest : public testing::Test {
protected:
    std::vector<std::string> statuses() const {
        std::vector<std::string> words;
        for (const Received& message : stage.to("/call-status-callback")) {
            words.emplace_back(form_value(parse_form(message.body).value(), "CallStatus"));
        }
        return words;
    }
    bool is_genuine(const Received& message, const std::string& token) const {
        const auto form = parse_form(message.body).value();
        TwilioRequest request;
        request.target = message.target;
        request.signature = message.twilio_signature;
        request.content_type = "application/x-www-form-urlencoded";
        request.body = message.body;
        request.form = &form;
        return verify_twilio(request, stage.url, {token}).is_genuine;
    }

    Stage stage;
};

TEST_F(PlayerTest, tells_a_call_from_dialling_to_its_end) {
    stage.play(stage.plan());
    EXPECT_THAT(statuses(),
                UnorderedElementsAre("initiated", "ringing", "in-progress", "completed"));
    EXPECT_EQ(statuses().back(), "completed");
}

TEST_F(PlayerTest, signs_callbacks_as_twilio_does) {
    stage.play(stage.plan());
    ASSERT_THAT(stage.to("/call-status-callback"), SizeIs(4));
    for (const Received& message : stage.to("/call-status-callback")) {
        EXPECT_TRUE(is_genuine(message, stage.sandbox->options().auth_token));
        EXPECT_FALSE(is_genuine(message, "another token"));
    }
}

TEST_F(PlayerTest, signs_webhooks_as_elevenlabs_does) {
    const PlayedCall& call = stage.play(stage.plan());
    const auto webhooks = stage.to("/webhooks/elevenlabs");
    ASSERT_THAT(webhooks, SizeIs(1));
    const AsioClock clock;
    ElevenLabsVerifier verifier(webhooks[0].elevenlabs_signature,
                                {stage.sandbox->options().webhook_secret}, clock.now(),
                                std::chrono::minutes{1});
    verifier.update(webhooks[0].body);
    EXPECT_EQ(verifier.verdict(), ElevenLabsVerifier::Verdict::genuine);
    const auto body = parse_json_object(webhooks[0].body).value();
    const auto document =
        parse_conversation(boost::json::serialize(*json_object(&body, "data"))).value();
    EXPECT_EQ(document.conversation.summary, call.plan.summary);
    EXPECT_EQ(document.conversation.call_sid, call.plan.sid);
}

TEST_F(PlayerTest, repeats_the_end_as_often_as_told) {
    CallPlan plan = stage.plan(Outcome::no_answer);
    plan.faults.end_copies = 3;
    stage.play(std::move(plan));
    EXPECT_THAT(statuses(), SizeIs(2 + 3));
}

TEST_F(PlayerTest, loses_the_end_when_told) {
    CallPlan plan = stage.plan();
    plan.faults.end_copies = 0;
    const PlayedCall& call = stage.play(std::move(plan));
    EXPECT_TRUE(call.ended_at);
    EXPECT_THAT(statuses(), UnorderedElementsAre("initiated", "ringing", "in-progress"));
}

TEST_F(PlayerTest, lets_the_end_overtake_when_told) {
    CallPlan plan = stage.plan();
    plan.faults.is_end_first = true;
    stage.play(std::move(plan));
    ASSERT_THAT(statuses(), SizeIs(4));
    EXPECT_EQ(statuses().front(), "completed");
}

TEST_F(PlayerTest, delays_callbacks_as_told) {
    CallPlan plan = stage.plan(Outcome::no_answer);
    plan.faults.callback_delay = milliseconds{300};
    const UtcTime before = AsioClock().now();
    stage.play(std::move(plan));
    EXPECT_GE(AsioClock().now() - before, milliseconds{300});
}

TEST_F(PlayerTest, keeps_elevenlabs_silent_when_told) {
    CallPlan plan = stage.plan();
    plan.faults.webhook_copies = 0;
    stage.play(std::move(plan));
    EXPECT_THAT(stage.to("/webhooks/elevenlabs"), IsEmpty());
}

TEST_F(PlayerTest, sends_the_sentinel_when_told) {
    CallPlan plan = stage.plan();
    plan.faults.has_sentinel = true;
    stage.play(std::move(plan));
    const auto webhooks = stage.to("/webhooks/elevenlabs");
    ASSERT_THAT(webhooks, SizeIs(1));
    EXPECT_THAT(webhooks[0].body, testing::HasSubstr(sentinel_summary));
}

TEST_F(PlayerTest, tells_asynchronously_who_answered) {
    CallPlan plan = stage.plan(Outcome::voicemail);
    plan.is_amd_async = true;
    plan.answered_by = "machine_end_beep";
    stage.play(std::move(plan));
    const auto callbacks = stage.to("/amd-status-callback");
    ASSERT_THAT(callbacks, SizeIs(1));
    EXPECT_TRUE(is_genuine(callbacks[0], stage.sandbox->options().auth_token));
    EXPECT_THAT(callbacks[0].body, testing::HasSubstr("AnsweredBy=machine_end_beep"));
}

TEST_F(PlayerTest, repeats_what_was_answered_503_and_not_what_was_answered_403) {
    CallPlan plan = stage.plan(Outcome::no_answer);
    plan.end = CallStatus::no_answer;
    stage.answers = {204, 204, 503, 503};
    stage.play(plan);
    EXPECT_THAT(statuses(),
                ElementsAre("initiated", "ringing", "no-answer", "no-answer", "no-answer"));
    stage.received.clear();
    plan = stage.plan(Outcome::no_answer);
    stage.answers = {204, 204, 403};
    stage.play(plan);
    EXPECT_THAT(statuses(), SizeIs(3));
}

struct OverridesRow {
    const char* url;
    ConnectionOverrides overrides;
};

TEST(ConnectionOverridesTest, are_read_from_the_fragment) {
    ConnectionOverrides recommended;
    recommended.retries_max = 5;
    recommended.retries_connect = recommended.retries_read = recommended.retries_5xx = true;
    recommended.connect_timeout = milliseconds{2'000};
    recommended.read_timeout = milliseconds{2'500};
    ConnectionOverrides all;
    all.retries_read = all.retries_4xx = all.retries_5xx = true;
    const OverridesRow rows[] = {
        {"https://a/b", {}},
        {"https://a/b#", {}},
        {"https://a/b#rc=5&rp=5xx,ct,rt&ct=2000&rt=2500", recommended},
        {"https://a/b#rp=all", all},
        {"https://a/b#rc=6&ct=99&rt=15001&x=1&rc", {}},
    };
    for (const OverridesRow& row : rows) {
        EXPECT_EQ(parse_connection_overrides(row.url), row.overrides) << row.url;
    }
}

TEST(TrafficTest, draws_calls_that_fit_their_outcome) {
    Traffic traffic{TrafficOptions{}};
    for (int i = 0; i < 300; ++i) {
        const CallPlan plan = traffic.next();
        EXPECT_EQ(outcome_of(plan.end, plan.duration_s, plan.answered_by), plan.outcome);
        EXPECT_EQ(plan.summary.empty(), !deserves_summary(plan.outcome));
    }
}

TEST(TrafficTest, is_a_function_of_its_seed) {
    Traffic one{TrafficOptions{}};
    Traffic two{TrafficOptions{}};
    TrafficOptions other;
    other.seed = 2;
    Traffic three{other};
    const std::string sid = one.next().sid;
    EXPECT_EQ(sid, two.next().sid);
    EXPECT_NE(sid, three.next().sid);
}

}  // namespace
}  // namespace wrapup
