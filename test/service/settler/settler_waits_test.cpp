// What a call waits for, and what it does not wait for: other calls, other peers, other clocks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

ElevenLabsError http_503() { return {{Errc::unavailable, "HTTP 503"}, {}}; }

std::ptrdiff_t lists_by_variable(const Workers& w, const std::string& sid) {
    return std::ranges::count(w.elevenlabs.lists, sid, &ConversationQuery::variable_call_sid);
}

// ---- ElevenLabs in trouble ----

TEST(SettlerWaits, a_503_leaves_the_lookup_by_variable_on_for_others) {
    Workers w;
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_number(1), "done", "One.");
    w.elevenlabs.fetch_trouble = http_503();
    w.completed(sid_number(1));
    w.run_for(milliseconds{1'500});
    ASSERT_EQ(lists_by_variable(w, sid_number(1)), 1);
    w.elevenlabs.fetch_trouble.reset();
    w.elevenlabs.documents["conv_2"] = w.document("conv_2", sid_number(2), "done", "Two.");
    w.completed(sid_number(2));
    w.run_for(milliseconds{1'500});
    EXPECT_EQ(lists_by_variable(w, sid_number(2)), 1);
    EXPECT_EQ(w.crm.requests.size(), 2U);
}

TEST(SettlerWaits, a_503_leaves_the_lookup_by_variable_on_for_the_call_itself) {
    Workers w;
    w.elevenlabs.trouble = http_503();
    w.completed(sid_a);
    w.run_for(milliseconds{1'500});
    ASSERT_EQ(lists_by_variable(w, sid_a), 1);
    w.elevenlabs.trouble.reset();
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.run_for(seconds{1});
    EXPECT_EQ(lists_by_variable(w, sid_a), 2);
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(SettlerWaits, a_filter_that_is_not_honoured_turns_the_lookup_by_variable_off) {
    Workers w;
    w.elevenlabs.knows_variables = false;
    w.elevenlabs.documents["conv_x"] = w.document("conv_x", sid_number(99), "done", "Another.");
    w.completed(sid_number(1));
    w.run_for(milliseconds{1'500});
    ASSERT_EQ(lists_by_variable(w, sid_number(1)), 1);
    w.completed(sid_number(2));
    w.run_for(milliseconds{1'500});
    EXPECT_EQ(lists_by_variable(w, sid_number(2)), 0);
}

TEST(SettlerWaits, a_listing_that_failed_is_asked_for_again_by_the_next_call) {
    Workers w;
    w.elevenlabs.trouble = http_503();
    w.completed(sid_number(1));
    w.run_for(milliseconds{300});
    w.completed(sid_number(2));
    w.run_for(milliseconds{1'200});
    const auto plain = std::ranges::count(w.elevenlabs.lists, std::string(),
                                          &ConversationQuery::variable_call_sid);
    EXPECT_EQ(plain, 2);
}

// A second agent was asked for, and spoke; the first one is named.
TEST(SettlerWaits, a_conversation_that_never_took_place_hides_none) {
    Workers w;
    CallMetadata handed;
    handed.conversation_id = "conv_0";
    StoreOp op = PutMetadata{sid_a, handed, w.clock.now()};
    ASSERT_TRUE(w.store.commit({&op, 1}, w.clock.now()));
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.completed(sid_a);
    w.run_for(seconds{3});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

// ---- Waiting for a turn ----

TEST(SettlerWaits, calls_that_wait_for_a_hanging_elevenlabs_write_nothing) {
    constexpr int calls_count = 150;
    Workers w;
    w.elevenlabs.latency = seconds{10};
    w.elevenlabs.trouble = ElevenLabsError{{Errc::timeout, "no answer"}, {}};
    for (int i = 0; i < calls_count; ++i) w.completed(sid_number(i));
    w.run_for(seconds{5});
    const auto writes_before = w.store.writes_count;
    const std::size_t asks_before = w.elevenlabs.lists.size();
    w.run_for(seconds{155});
    const auto asks = static_cast<std::int64_t>(w.elevenlabs.lists.size() - asks_before);
    EXPECT_GT(asks, 25);
    EXPECT_LE(w.store.writes_count - writes_before, 4 * asks);
    EXPECT_TRUE(w.crm.requests.empty());
    // And the deadline holds for each of them.
    w.run_for(seconds{25});
    EXPECT_EQ(w.crm.requests.size(), static_cast<std::size_t>(calls_count));
    EXPECT_LE(w.elevenlabs.in_flight_max, 3);
}

TEST(SettlerWaits, turns_are_taken_in_the_order_in_which_calls_fell_due) {
    Workers w;
    w.elevenlabs.latency = milliseconds{700};
    for (int i = 0; i < 12; ++i) {
        w.completed(sid_number(i));
        w.run_for(milliseconds{10});
    }
    w.run_for(seconds{30});
    std::vector<std::string> first_asked;
    for (const ConversationQuery& query : w.elevenlabs.lists) {
        const std::string& sid = query.variable_call_sid;
        if (!sid.empty()) first_asked.push_back(sid);
    }
    ASSERT_EQ(first_asked.size(), 12U);
    EXPECT_TRUE(std::ranges::is_sorted(first_asked));
}

TEST(SettlerWaits, the_webhook_settles_a_call_that_waits_for_its_turn) {
    Workers w;
    w.elevenlabs.latency = minutes{5};
    for (int i = 0; i < 10; ++i) w.completed(sid_number(i));
    w.run_for(seconds{3});
    ASSERT_EQ(lists_by_variable(w, sid_number(9)), 0);
    w.webhook(w.document("conv_9", sid_number(9), "done", "They talked."));
    w.run_for(milliseconds{50});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

TEST(SettlerWaits, calls_that_wait_for_their_turn_take_nobodys_place) {
    Workers w({.in_progress_max = 8});
    w.elevenlabs.latency = minutes{5};
    for (int i = 0; i < 50; ++i) w.completed(sid_number(i));
    w.run_for(seconds{10});
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

// ---- Waiting for the summary ----

TEST(SettlerWaits, calls_whose_summary_is_not_there_yet_write_nothing) {
    constexpr int calls_count = 50;
    Workers w;
    for (int i = 0; i < calls_count; ++i) w.completed(sid_number(i));
    w.run_for(seconds{5});
    const auto writes_before = w.store.writes_count;
    const std::size_t asks_before = w.elevenlabs.lists.size();
    w.run_for(seconds{155});
    EXPECT_EQ(w.store.writes_count, writes_before);
    // At 8, 15, 30, 60 … 150 s; one listing serves them all.
    EXPECT_EQ(w.elevenlabs.lists.size() - asks_before, 7U);
    // What was noted of the polls is kept when the call is looked at again.
    w.run_for(seconds{8});
    EXPECT_EQ(w.story(sid_number(1)).call.progress.conversation_asks_count, 10);
    EXPECT_TRUE(w.crm.requests.empty());
    w.run_for(seconds{15});
    EXPECT_EQ(w.crm.requests.size(), static_cast<std::size_t>(calls_count));
}

TEST(SettlerWaits, a_summary_that_is_found_while_nobody_claims_the_call_is_in_its_record) {
    Workers w;
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "processing", "");
    w.completed(sid_a);
    w.run_for(seconds{40});
    const auto writes_before = w.store.writes_count;
    w.run_for(seconds{40});
    ASSERT_EQ(w.store.writes_count, writes_before);
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.run_for(seconds{15});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

TEST(SettlerWaits, whoever_does_not_know_of_the_polls_asks_once_more_before_the_deadline) {
    Workers w;
    w.completed(sid_a);
    w.run_for(seconds{5});
    EXPECT_EQ(w.story(sid_a).call.due_at, t0 + seconds{165});
    // The first poll is all that is stored.
    EXPECT_EQ(w.story(sid_a).call.progress.conversation_asks_count, 1);
}

TEST(SettlerWaits, a_store_that_fails_while_a_summary_is_found_costs_no_summary) {
    Workers w;
    w.completed(sid_a);
    w.run_for(seconds{40});
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.store.trouble = Error{Errc::unavailable, "the disk is full"};
    w.run_for(seconds{25});
    ASSERT_TRUE(w.crm.requests.empty());
    w.store.trouble.reset();
    w.run_for(seconds{150});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

// ---- One peer does not keep another from being asked ----

TEST(SettlerWaits, without_a_duration_the_conversation_counts_while_twilio_is_in_trouble) {
    const auto talk = [](const Error& trouble, milliseconds latency) {
        Workers w;
        w.twilio.trouble = trouble;
        w.twilio.latency = latency;
        w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
        w.callback(sid_a, {{"CallStatus", "completed"}, {"SequenceNumber", "3"}});
        w.run_for(seconds{20});
        EXPECT_FALSE(w.twilio.requests.empty());
        EXPECT_FALSE(w.elevenlabs.fetches.empty());
        EXPECT_EQ(w.crm.requests.size(), 1U);
        return w.crm.requests.empty() ? std::string() : w.crm.requests[0].body;
    };
    const std::string held = R"("status":"held","duration":60)";
    const Error http_503{Errc::unavailable, "HTTP 503"};
    const Error html{Errc::invalid_input, "not JSON"};
    EXPECT_THAT(talk(http_503, milliseconds{10}), HasSubstr(held));
    EXPECT_THAT(talk(html, milliseconds{10}), HasSubstr(held));
    EXPECT_THAT(talk(http_503, minutes{5}), HasSubstr(held));
}

TEST(SettlerWaits, twilios_duration_counts_where_both_are_there) {
    Workers w;
    w.twilio.latency = seconds{4};
    w.twilio.calls[sid_a] =
        R"({"sid":")" + sid_a + R"(","status":"completed","duration":"62","answered_by":"human"})";
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.callback(sid_a, {{"CallStatus", "completed"}, {"SequenceNumber", "3"}});
    w.run_for(seconds{6});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("duration":62)"));
}

TEST(SettlerWaits, a_lookup_of_metadata_that_hangs_holds_no_other_call) {
    Workers w({.has_scripted_metadata = true});
    w.scripted.hangs_for = sid_number(1);
    for (int i = 0; i < 4; ++i) {
        NewEvent event = *status_callback_event(
            {{"CallSid", sid_number(i)}, {"CallStatus", "busy"}, {"Direction", "outbound-api"}},
            w.clock.now());
        StoreOp op = AppendEvent{std::move(event)};
        ASSERT_TRUE(w.store.commit({&op, 1}, w.clock.now()));
    }
    w.settler.wake();
    w.run_for(milliseconds{100});
    EXPECT_EQ(w.crm.requests.size(), 3U);
    // Nor is it believed for ever.
    w.run_for(minutes{11});
    EXPECT_EQ(w.crm.requests.size(), 4U);
}

TEST(SettlerWaits, what_was_handed_to_us_counts_while_the_source_of_metadata_hangs) {
    Workers w({.has_scripted_metadata = true});
    w.scripted.hangs_for = sid_a;
    CallMetadata handed;
    handed.name = "Ada";
    StoreOp op = PutMetadata{sid_a, handed, w.clock.now()};
    ASSERT_TRUE(w.store.commit({&op, 1}, w.clock.now()));
    w.busy(sid_a);
    w.run_for(minutes{11});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("name":"Ada")"));
}

TEST(SettlerWaits, an_otel_webhook_has_its_conversation_fetched_at_once) {
    Workers w;
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.append(*webhook_event(R"({"type":"post_call_transcription_otel","event_timestamp":1,)"
                            R"("data":{"conversation_id":"conv_1","agent_id":"agent_1"}})",
                            {}, w.clock.now()));
    w.run_for(seconds{1});
    EXPECT_EQ(w.elevenlabs.fetches.size(), 1U);
    w.run_for(seconds{31});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

// ---- The store in trouble, and what is said ----

TEST(SettlerWaits, a_store_error_is_told_counted_and_the_call_looked_at_again) {
    Workers w;
    w.completed(sid_a);
    w.completed(sid_number(1));
    w.store.trouble = Error{Errc::corrupt, "malformed"};
    w.run_for(seconds{2});
    EXPECT_EQ((w.metrics.counts[{Counter::store_errors, "settle"}]), 2);
    EXPECT_EQ(std::ranges::count(w.log.messages, "the store failed the settler"), 1);
    w.store.trouble.reset();
    w.run_for(seconds{185});
    EXPECT_EQ(w.crm.requests.size(), 2U);
}

TEST(SettlerWaits, claims_whose_answers_were_lost_cost_no_summary) {
    Workers w;
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.store.claims_lost_count = 2;
    w.completed(sid_a);
    w.run_for(seconds{240});
    EXPECT_EQ(w.store.claims_lost_count, 0);
    ASSERT_TRUE(w.crm.requests.empty());
    w.run_for(seconds{15});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

TEST(SettlerWaits, a_claim_that_is_lost_when_a_summary_is_found_costs_no_summary) {
    Workers w;
    w.completed(sid_a);
    w.run_for(seconds{100});
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.store.claims_lost_count = 1;
    w.run_for(seconds{130});
    EXPECT_EQ(w.store.claims_lost_count, 0);
    ASSERT_TRUE(w.crm.requests.empty());
    w.run_for(seconds{15});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("They talked."));
}

TEST(SettlerWaits, a_call_known_only_through_elevenlabs_is_told_of_on_that_path) {
    Workers w;
    w.webhook(w.document("conv_1", sid_a, "done", ""));
    w.run_for(seconds{31});
    w.busy(sid_number(1));
    w.run_for(seconds{1});
    const auto tag_of = [&w](const std::string& call_id) {
        const auto line = std::ranges::find_if(w.log.lines, [&](const LogLine& l) {
            return l.call_id == call_id && l.message == "record fixed";
        });
        return line == w.log.lines.end() ? LogTag::none : line->tag;
    };
    EXPECT_EQ(tag_of(sid_a), LogTag::elevenlabs);
    EXPECT_EQ(tag_of(sid_number(1)), LogTag::twilio);
}

}  // namespace
}  // namespace wrapup
