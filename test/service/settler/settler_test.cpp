#include "service/settler/settler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;

// A dialler that writes its documents some time after the first callbacks.
class LateDialler final : public Metadata {
public:
    Task<std::vector<MetadataAnswer>> find(std::vector<MetadataQuery> queries) override {
        std::vector<MetadataAnswer> answers(queries.size());
        for (std::size_t i = 0; i < queries.size(); ++i) {
            asked_at[queries[i].call_sid].push_back(clock->now());
            answers[i].kind = MetadataAnswer::Kind::not_yet;
            if (clock->now() < writes_at) continue;
            answers[i].kind = MetadataAnswer::Kind::found;
            answers[i].metadata.name = "Ada Late";
            answers[i].metadata.campaign_name = "Spring";
        }
        co_return answers;
    }

    Clock* clock = nullptr;
    UtcTime writes_at{};
    std::map<std::string, std::vector<UtcTime>> asked_at;
};

// Six callbacks of busy calls within a second. Returns when each came in.
std::map<std::string, UtcTime> six_callbacks(Workers& w) {
    std::map<std::string, UtcTime> received_at;
    for (int i = 1; i <= 6; ++i) {
        received_at[sid_number(i)] = w.clock.now();
        w.busy(sid_number(i));
        w.run_for(milliseconds{150});
    }
    return received_at;
}

TEST(Settler, each_of_six_callbacks_within_a_second_asks_a_late_dialler_for_5_s) {
    LateDialler dialler;
    Workers w({.metadata = &dialler});
    dialler.clock = &w.clock;
    dialler.writes_at = t0 + hours{1};
    const auto received_at = six_callbacks(w);
    w.run_for(seconds{10});
    ASSERT_EQ(w.crm.requests.size(), 6U);
    ASSERT_EQ(dialler.asked_at.size(), 6U);
    for (const auto& [sid, at] : received_at) {
        std::vector<UtcTime> promised;
        for (const int after_ms : {0, 200, 500, 1000, 2000, 5000}) {
            promised.push_back(at + milliseconds{after_ms});
        }
        EXPECT_EQ(dialler.asked_at[sid], promised) << sid;
        EXPECT_EQ(w.story(sid).call.settled_at, at + seconds{5}) << sid;
    }
}

TEST(Settler, what_a_late_dialler_writes_is_in_each_of_six_records) {
    LateDialler dialler;
    Workers w({.metadata = &dialler});
    dialler.clock = &w.clock;
    dialler.writes_at = t0 + seconds{4};
    six_callbacks(w);
    w.run_for(seconds{10});
    ASSERT_EQ(w.crm.requests.size(), 6U);
    for (const auto& request : w.crm.requests) {
        EXPECT_THAT(request.body, HasSubstr(R"("subject":"Spring")"));
        EXPECT_THAT(request.body, HasSubstr(R"("name":"Ada Late")"));
    }
}

TEST(Settler, a_call_without_a_campaign_has_none_whatever_its_subject_is) {
    Workers w;
    w.busy(sid_a);
    w.run_for(seconds{10});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("subject":"Outbound Call")"));
    EXPECT_EQ(w.story(sid_a).call.campaign, "");
    CallFilter filter;
    filter.campaign = "Outbound Call";
    EXPECT_TRUE(w.store.list_calls(filter)->calls.empty());
}

TEST(Settler, a_call_nobody_took_is_at_the_crm_without_any_time_passing) {
    Workers w;
    w.crm.latency = milliseconds{0};
    w.busy(sid_a);
    w.run_until(t0);
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("status":"no answer")"));
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
    EXPECT_TRUE(w.elevenlabs.fetches.empty());
}

TEST(Settler, a_summary_that_is_polled_settles_the_call) {
    Workers w;
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "processing", "");
    w.completed(sid_a);
    w.run_for(seconds{3});
    EXPECT_TRUE(w.crm.requests.empty());
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.run_for(seconds{2});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("summary":"They talked.")"));
}

TEST(Settler, a_wrong_conversation_in_the_metadata_puts_nobody_elses_words_into_the_record) {
    Workers w;
    w.elevenlabs.documents["conv_2"] =
        w.document("conv_2", sid_number(2), "done", "Bob has a debt.");
    CallMetadata wrong;
    wrong.conversation_id = "conv_2";
    ASSERT_TRUE(w.await(w.service.put_metadata(sid_a, wrong)));
    w.completed(sid_a);
    w.run_for(seconds{5});
    EXPECT_TRUE(w.crm.requests.empty()) << "its own one may come";
    EXPECT_EQ(w.elevenlabs.fetches.size(), 1U) << "what it is was learned once";
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.run_for(seconds{60});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("summary":"They talked.")"));
    EXPECT_EQ(w.crm.requests[0].call_id, sid_a);
}

TEST(Settler, a_conversation_of_another_agent_is_not_taken_without_a_call_sid) {
    Workers w;
    w.elevenlabs.documents["conv_2"] = w.document("conv_2", "", "done", "Bob has a debt.");
    CallMetadata wrong;
    wrong.conversation_id = "conv_2";
    wrong.agent_id = "agent_2";
    ASSERT_TRUE(w.await(w.service.put_metadata(sid_a, wrong)));
    w.completed(sid_a);
    w.run_for(minutes{5});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, Not(HasSubstr("Bob")));
    w.elevenlabs.documents["conv_3"] = w.document("conv_3", "", "done", "They talked.");
    CallMetadata right;
    right.conversation_id = "conv_3";
    right.agent_id = "agent_1";
    ASSERT_TRUE(w.await(w.service.put_metadata(sid_number(3), right)));
    w.completed(sid_number(3));
    w.run_for(minutes{5});
    ASSERT_EQ(w.crm.requests.size(), 2U);
    EXPECT_THAT(w.crm.requests[1].body, HasSubstr(R"("summary":"They talked.")"));
}

TEST(Settler, a_conversation_with_another_number_is_not_taken_without_a_call_sid) {
    const auto of_bob = [](std::string document) {
        const std::string_view ada = "+61413052898";
        return document.replace(document.find(ada), ada.size(), "+19999999999");
    };
    for (const bool is_polled : {true, false}) {
        Workers w;
        const std::string document = of_bob(w.document("conv_2", "", "done", "Bob has a debt."));
        if (is_polled) w.elevenlabs.documents["conv_2"] = document;
        CallMetadata wrong;
        wrong.conversation_id = "conv_2";
        wrong.agent_id = "agent_1";
        ASSERT_TRUE(w.await(w.service.put_metadata(sid_a, wrong)));
        w.completed(sid_a);
        w.run_for(milliseconds{500});
        if (!is_polled) w.webhook(document);
        w.run_for(minutes{5});
        ASSERT_EQ(w.crm.requests.size(), 1U) << is_polled;
        EXPECT_THAT(w.crm.requests[0].body, Not(HasSubstr("Bob"))) << is_polled;
        EXPECT_EQ(std::ranges::count(w.log.messages,
                                     "a conversation named for this call is another call's: it "
                                     "counts for nothing"),
                  1)
            << is_polled;
    }
}

// Nothing in it tells whose it is: it is the call's that was first to be answered with it.
TEST(Settler, a_conversation_that_several_calls_name_is_one_calls) {
    Workers w;
    w.elevenlabs.documents["conv_2"] = w.document("conv_2", "", "done", "A debt.");
    for (int i = 1; i <= 3; ++i) {
        CallMetadata same;
        same.conversation_id = "conv_2";
        same.agent_id = "agent_1";
        ASSERT_TRUE(w.await(w.service.put_metadata(sid_number(i), same)));
        w.completed(sid_number(i));
        w.run_for(minutes{5});
    }
    ASSERT_EQ(w.crm.requests.size(), 3U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("A debt."));
    EXPECT_THAT(w.crm.requests[1].body, Not(HasSubstr("A debt.")));
    EXPECT_THAT(w.crm.requests[2].body, Not(HasSubstr("A debt.")));
}

TEST(Settler, a_webhook_that_reached_a_call_by_a_wrong_id_says_nothing_of_it) {
    Workers w;
    CallMetadata wrong;
    wrong.conversation_id = "conv_2";
    wrong.agent_id = "agent_2";
    ASSERT_TRUE(w.await(w.service.put_metadata(sid_a, wrong)));
    w.completed(sid_a);
    w.run_for(seconds{1});
    w.webhook(w.document("conv_2", "", "done", "Bob has a debt."));
    w.run_for(minutes{5});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, Not(HasSubstr("Bob")));
}

TEST(Settler, a_conversation_once_found_is_asked_for_by_its_id) {
    Workers w;
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "processing", "");
    w.completed(sid_a);
    w.run_for(seconds{1} + milliseconds{500});
    const std::size_t lists_count = w.elevenlabs.lists.size();
    EXPECT_EQ(w.story(sid_a).call.conversation_id, "conv_1");
    w.run_for(seconds{60});
    EXPECT_EQ(w.elevenlabs.lists.size(), lists_count);
}

TEST(Settler, the_webhook_settles_at_once_even_while_a_poll_hangs) {
    Workers w;
    w.elevenlabs.latency = seconds{10};
    w.completed(sid_a);
    w.run_for(seconds{2});
    ASSERT_FALSE(w.elevenlabs.lists.empty());
    w.webhook(w.document("conv_1", sid_a, "done", "They talked."));
    w.run_for(milliseconds{50});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

TEST(Settler, an_elevenlabs_that_hangs_never_holds_a_record_beyond_its_deadline) {
    Workers w;
    w.elevenlabs.latency = minutes{5};
    w.completed(sid_a);
    w.run_for(seconds{179});
    EXPECT_TRUE(w.crm.requests.empty());
    w.run_for(seconds{2});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("No summary is available."));
}

TEST(Settler, a_refused_api_key_is_an_alert_and_costs_one_request) {
    Workers w;
    w.elevenlabs.trouble = ElevenLabsError{{Errc::unauthorized, "401"}, {}};
    w.completed(sid_a);
    w.run_for(minutes{2});
    EXPECT_EQ(w.elevenlabs.lists.size() + w.elevenlabs.fetches.size(), 1U);
    EXPECT_EQ((w.metrics.counts[{Counter::alerts, "elevenlabs"}]), 1);
    EXPECT_TRUE(w.crm.requests.empty());
    w.webhook(w.document("conv_1", sid_a, "done", "By webhook."));
    w.run_for(milliseconds{50});
    ASSERT_EQ(w.crm.requests.size(), 1U);
}

TEST(Settler, who_answered_is_asked_of_twilio_once_and_makes_it_voicemail) {
    Workers w;
    w.twilio.calls[sid_a] = R"({"sid":")" + sid_a +
                            R"(","status":"completed","duration":"60",)"
                            R"("answered_by":"machine_start","to":"+61413052898"})";
    w.callback(sid_a, {{"CallStatus", "completed"}, {"CallDuration", "60"}});
    w.webhook(w.document("conv_1", sid_a, "done", "A message was left."));
    w.run_for(seconds{1});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("status":"voicemail")"));
    EXPECT_EQ(w.twilio.requests.size(), 1U);
}

TEST(Settler, a_twilio_that_hangs_holds_a_call_with_a_summary_for_a_moment_only) {
    Workers w;
    w.twilio.latency = minutes{1};
    w.callback(sid_a, {{"CallStatus", "completed"}, {"CallDuration", "60"}});
    w.webhook(w.document("conv_1", sid_a, "done", "They talked."));
    w.run_for(seconds{2});
    ASSERT_EQ(w.crm.requests.size(), 1U);
}

TEST(Settler, metadata_that_comes_while_the_call_waits_is_in_its_record) {
    Workers w;
    w.completed(sid_a);
    w.run_for(seconds{5});
    CallMetadata metadata;
    metadata.name = "Ada";
    metadata.campaign_name = "Spring";
    EXPECT_TRUE(w.await(w.service.put_metadata(sid_a, metadata)));
    w.webhook(w.document("conv_1", sid_a, "done", "They talked."));
    w.run_for(seconds{1});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("subject":"Spring")"));
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("name":"Ada")"));
}

TEST(Settler, one_listing_serves_the_calls_of_its_window) {
    Workers w;
    w.elevenlabs.knows_variables = false;
    w.elevenlabs.documents["conv_x"] = w.document("conv_x", sid_number(99), "done", "Another.");
    for (int i = 0; i < 20; ++i) w.completed(sid_number(i));
    w.run_for(milliseconds{1'500});
    const auto plain = std::ranges::count_if(
        w.elevenlabs.lists, [](const ConversationQuery& q) { return q.variable_call_sid.empty(); });
    EXPECT_EQ(plain, 1);
    // The document of a stranger's call is read once, not once per call.
    EXPECT_LE(std::ranges::count(w.elevenlabs.fetches, "conv_x"), 5);
    EXPECT_LE(w.elevenlabs.in_flight_max, 3);
}

TEST(Settler, a_call_that_only_elevenlabs_told_of_settles_after_the_grace) {
    Workers w;
    w.webhook(w.document("conv_1", sid_a, "done", "They talked."));
    w.run_for(seconds{29});
    EXPECT_TRUE(w.crm.requests.empty());
    w.run_for(seconds{2});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.crm.requests[0].call_id, sid_a);
}

TEST(Settler, twilios_rest_word_ends_the_grace) {
    Workers w;
    w.twilio.calls[sid_a] = R"({"sid":")" + sid_a +
                            R"(","status":"completed","duration":"61","answered_by":"human",)"
                            R"("to":"+61413052898"})";
    w.webhook(w.document("conv_1", sid_a, "done", "They talked."));
    w.run_for(seconds{1});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("duration":61)"));
}

TEST(Settler, a_late_contradiction_is_counted_and_never_sent) {
    Workers w;
    w.busy(sid_a);
    w.run_for(seconds{1});
    w.callback(sid_a,
               {{"CallStatus", "completed"}, {"CallDuration", "60"}, {"SequenceNumber", "9"}});
    w.run_for(minutes{10});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    EXPECT_TRUE(w.story(sid_a).call.is_late_conflict);
    EXPECT_EQ((w.metrics.counts[{Counter::late_conflicts, ""}]), 1);
}

TEST(Settler, an_open_call_is_parked_as_silent_after_a_day) {
    Workers w;
    w.callback(sid_a, {{"CallStatus", "ringing"}, {"SequenceNumber", "1"}});
    w.run_for(hours{24} + seconds{1});
    EXPECT_EQ(w.twilio.requests.size(), 1U);
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::silent);
    // And a word after all brings it back.
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(Settler, an_inbound_call_is_out_of_scope) {
    Workers w;
    w.append(*status_callback_event({{"CallSid", sid_a},
                                     {"CallStatus", "completed"},
                                     {"CallDuration", "5"},
                                     {"Direction", "inbound"}},
                                    t0));
    w.run_for(minutes{10});
    EXPECT_TRUE(w.crm.requests.empty());
    EXPECT_EQ(w.story(sid_a).call.state, CallState::out_of_scope);
}

TEST(Settler, disabled_delivery_parks_the_record) {
    Workers w({.is_delivery_enabled = false});
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_TRUE(w.crm.requests.empty());
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::disabled);
    EXPECT_THAT(w.story(sid_a).call.record, HasSubstr("no answer"));
}

}  // namespace
}  // namespace wrapup
