// What a call waits for while the wall clock is set.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

TEST(SettlerClock, a_clock_set_back_holds_nothing_that_is_scheduled) {
    Workers w;
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "processing", "");
    w.completed(sid_a);
    w.run_for(seconds{5});
    ASSERT_TRUE(w.crm.requests.empty());
    w.clock.set(-hours{3});
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.run_for(seconds{12});
    ASSERT_EQ(w.crm.requests.size(), 1U);
}

TEST(SettlerClock, a_clock_set_back_holds_no_deadline) {
    Workers w;
    w.completed(sid_a);
    w.run_for(seconds{5});
    w.clock.set(-hours{3});
    w.run_for(seconds{170});
    EXPECT_TRUE(w.crm.requests.empty());
    w.run_for(seconds{15});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(SettlerClock, a_clock_set_forward_costs_no_summary) {
    Workers w;
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "processing", "");
    w.completed(sid_a);
    w.run_for(seconds{5});
    w.clock.set(hours{3});
    w.run_for(seconds{10});
    ASSERT_TRUE(w.crm.requests.empty());
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.run_for(seconds{15});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

TEST(SettlerClock, news_after_a_clock_was_set_forward_fixes_no_record_before_its_summary) {
    Workers w({.has_api_key = false});
    w.completed(sid_a);
    w.run_for(seconds{5});
    w.clock.set(hours{3});
    w.run_for(seconds{5});
    const Form heard{{"CallSid", sid_a}, {"AnsweredBy", "human"}};
    w.append(*amd_callback_event(heard, w.held.now()));
    w.run_for(seconds{5});
    ASSERT_TRUE(w.crm.requests.empty());
    w.webhook(w.document("conv_1", sid_a, "done", "They talked."));
    w.run_for(seconds{2});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

TEST(SettlerClock, a_deadline_is_kept_when_a_clock_is_set_forward) {
    Workers w;
    w.completed(sid_a);
    w.run_for(seconds{5});
    w.clock.set(hours{3});
    w.run_for(seconds{170});
    EXPECT_TRUE(w.crm.requests.empty());
    w.run_for(seconds{10});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

// Twilio's clock is not set, so that the call seems to have ended hours ago.
TEST(SettlerClock, a_deadline_by_twilios_clock_is_half_a_minute_after_ours_was_set_forward) {
    Workers w;
    w.callback(sid_a, {{"CallStatus", "completed"},
                       {"CallDuration", "60"},
                       {"AnsweredBy", "human"},
                       {"Timestamp", format_rfc2822(t0)}});
    w.run_for(seconds{5});
    w.clock.set(hours{3});
    w.run_for(seconds{28});
    EXPECT_TRUE(w.crm.requests.empty());
    w.run_for(seconds{10});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

// Says so after a while.
class AwayMetadata final : public Metadata {
public:
    Task<std::vector<MetadataAnswer>> find(std::vector<MetadataQuery> queries) override {
        std::vector<MetadataAnswer> answers(queries.size());
        for (MetadataAnswer& answer : answers) answer.kind = MetadataAnswer::Kind::away;
        const UtcTime until = clock->now() + seconds{4};
        co_await clock->sleep_until(until);
        co_return answers;
    }
    Clock* clock = nullptr;
};

TEST(SettlerClock, metadata_is_waited_for_as_long_however_the_clock_is_set) {
    for (const milliseconds by : {milliseconds{hours{1}}, milliseconds{-hours{1}}}) {
        for (int after_s = 1; after_s < 30; ++after_s) {
            AwayMetadata away;
            Workers w({.metadata = &away});
            away.clock = &w.clock;
            w.busy(sid_a);
            w.run_for(seconds{after_s});
            w.clock.set(by);
            w.run_for(seconds{595 - after_s});
            EXPECT_TRUE(w.crm.requests.empty());
            w.run_for(seconds{25});
            EXPECT_EQ(w.crm.requests.size(), 1U) << after_s;
        }
    }
}

TEST(SettlerClock, twilio_has_its_grace_however_the_clock_is_set) {
    for (const milliseconds by : {milliseconds{hours{5}}, milliseconds{-hours{5}}}) {
        Workers w({.has_twilio = false});
        w.webhook(w.document("conv_1", sid_a, "done", "They talked."));
        w.run_for(seconds{4});
        w.clock.set(by);
        w.run_for(seconds{20});
        EXPECT_TRUE(w.crm.requests.empty());
        w.run_for(seconds{15});
        EXPECT_EQ(w.crm.requests.size(), 1U);
    }
}

// An open call is asked about, or parked, a day after the last word of it.
TEST(SettlerClock, a_silent_call_is_waited_for_as_long_however_the_clock_is_set) {
    for (const milliseconds by : {milliseconds{hours{30}}, milliseconds{-hours{30}}}) {
        Workers w({.has_twilio = false});
        w.callback(sid_a, {{"CallStatus", "ringing"}});
        w.run_for(hours{1});
        w.clock.set(by);
        w.run_for(hours{22});
        EXPECT_EQ(w.story(sid_a).call.state, CallState::open);
        w.run_for(hours{2});
        EXPECT_EQ(w.story(sid_a).call.state, CallState::parked);
    }
}

TEST(SettlerClock, twilios_answer_counts_when_the_clock_is_set_while_it_is_asked) {
    for (const milliseconds by : {milliseconds{hours{3}}, milliseconds{-hours{3}}}) {
        Workers w;
        w.twilio.latency = seconds{1};
        w.twilio.calls[sid_a] = R"({"sid":")" + sid_a +
                                R"(","status":"completed","duration":"60",)" +
                                R"("answered_by":"machine_start"})";
        w.webhook(w.document("conv_1", sid_a, "done", "They talked."));
        w.run_for(milliseconds{500});
        ASSERT_EQ(w.twilio.requests.size(), 1U);
        w.clock.set(by);
        w.run_for(seconds{40});
        ASSERT_EQ(w.crm.requests.size(), 1U);
        EXPECT_EQ(w.story(sid_a).call.outcome, Outcome::voicemail);
    }
}

TEST(SettlerClock, a_conversation_is_looked_for_by_the_clocks_of_others) {
    Workers w;
    w.elevenlabs.knows_variables = false;
    w.elevenlabs.documents["conv_0"] = w.document("conv_0", sid_number(99), "done", "Another.");
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.clock.set(-hours{1});
    w.callback(sid_a, {{"CallStatus", "completed"},
                       {"CallDuration", "60"},
                       {"AnsweredBy", "human"},
                       {"Timestamp", format_rfc2822(t0)}});
    w.run_for(seconds{5});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

TEST(SettlerClock, a_grace_outlives_no_step_back) {
    Workers w({.has_twilio = false});
    w.webhook(w.document("conv_1", sid_a, "done", "They talked."));
    w.run_for(seconds{10});
    w.clock.set(-hours{3});
    w.run_for(seconds{24});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(SettlerClock, a_retry_keeps_its_wait_when_the_clock_is_set) {
    for (const milliseconds by : {milliseconds{-hours{3}}, milliseconds{hours{3}}}) {
        Workers w;
        w.crm.answers = {ScriptedCrm::status(503), ScriptedCrm::status(503)};
        w.busy(sid_a);
        w.run_for(seconds{10});
        ASSERT_EQ(w.crm.requests.size(), 2U);  // The next one is due after 24 to 36 s.
        w.clock.set(by);
        w.run_for(seconds{10});
        EXPECT_EQ(w.crm.requests.size(), 2U);
        w.run_for(seconds{40});
        EXPECT_EQ(w.crm.requests.size(), 3U);
    }
}

}  // namespace
}  // namespace wrapup
