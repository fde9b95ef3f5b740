// Which calls of Twilio's list are taken over, where somebody else may know of them, too.

#include "test/service/reconciler/reconciler_world.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Each puts a call out of scope that nobody else told of.
std::vector<NewEvent> weaker_words(const std::string& sid) {
    const Form leg{
        {"CallSid", sid_number(77)}, {"ParentCallSid", sid}, {"CallStatus", "completed"}};
    const auto webhook = [&](const std::string& direction, const WebhookScope& scope) {
        const std::string body =
            R"({"type":"post_call_transcription","event_timestamp":1,"data":{"status":"done",)"
            R"("conversation_id":"conv_1","agent_id":"agent_1","metadata":{"phone_call":)"
            R"({"type":"twilio","call_sid":")" +
            sid + R"(","direction":")" + direction + R"("}}}})";
        return *webhook_event(body, scope, t0);
    };
    WebhookScope others;
    others.our_agents = {"agent_9"};
    return {*status_callback_event(leg, t0), webhook("outbound", others), webhook("inbound", {})};
}

struct ReconcileScopeTest : testing::Test, ReconcilerWorld {
    // Twilio's answer to it was lost.
    void ask_for_call() {
        intent.id = std::string(32, 'a');
        intent.to = "+61413052898";
        intent.from = "+15005550006";
        intent.name = "Ada";
        intent.campaign_name = "Spring";
        intent.not_after = w.clock.now() + hours{1};
        const std::vector<StoreOp> ops{PutIntent{intent, 0, {}},
                                       AdvanceIntent{intent.id, BeginAsking{}, 0}};
        ASSERT_TRUE(w.store.commit(ops, w.clock.now()));
    }
    void tell(IntentNews news) {
        const StoreOp op = AdvanceIntent{intent.id, std::move(news), 0};
        ASSERT_TRUE(w.store.commit({&op, 1}, w.clock.now()));
    }

    // The only word of the call is that of a leg, which names it as its parent.
    void tell_of_leg(const std::string& parent_sid) {
        w.callback(sid_number(77), {{"ParentCallSid", parent_sid}, {"CallStatus", "completed"}});
    }

    Intent intent;
};

TEST_F(ReconcileScopeTest, a_call_that_an_intent_looks_for_is_left_to_it) {
    ask_for_call();
    list(sid_a, w.clock.now());
    start();
    w.run_for(minutes{11});
    EXPECT_EQ(known_count(), 0);
    // It ends without having found it: the call is taken over nonetheless.
    tell(PlacingParked{});
    w.run_for(minutes{11});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

// Its callbacks may be late: they tell for whom and what for it was.
TEST_F(ReconcileScopeTest, a_call_that_an_intent_lost_is_left_to_its_token_for_ten_minutes) {
    ask_for_call();
    list(sid_a, w.clock.now());
    tell(PlacingParked{sid_a});
    start();
    w.run_for(minutes{9});
    EXPECT_EQ(known_count(), 0);
    tell(CallHeard{sid_a, CallStatus::busy, {}});
    w.busy(sid_a);
    w.run_for(minutes{1});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.story(sid_a).call.name, "Ada");
    EXPECT_EQ(w.story(sid_a).call.campaign, "Spring");
}

TEST_F(ReconcileScopeTest, a_call_whose_token_never_comes_is_taken_over_without_a_name) {
    ask_for_call();
    list(sid_a, w.clock.now());
    tell(PlacingParked{sid_a});
    start();
    w.run_for(minutes{22});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_NE(w.story(sid_a).call.name, "Ada");
}

TEST_F(ReconcileScopeTest, a_call_that_only_its_leg_told_of_is_taken_over) {
    start();
    w.run_for(minutes{1});
    tell_of_leg(sid_a);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::out_of_scope);
    list(sid_a, w.clock.now());
    w.run_for(minutes{30});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
    EXPECT_EQ(status().runs.front().counts.known, 1);
}

TEST_F(ReconcileScopeTest, a_run_that_is_ordered_takes_over_what_weaker_word_put_aside) {
    ReconcilerSettings settings = since(t0 - hours{2});
    settings.interval = seconds{0};
    start(std::move(settings));
    tell_of_leg(sid_a);
    list(sid_a, t0 - hours{1});
    const ReconcileRun run = order({t0 - hours{2}, t0, false});
    EXPECT_EQ(run.counts.missed, 1);
    EXPECT_EQ(run.counts.appended, 1);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

// Whichever came first, Twilio's list or weaker word, and whatever that word was.
TEST_F(ReconcileScopeTest, the_order_of_words_does_not_decide_what_is_in_scope) {
    for (const NewEvent& word : weaker_words(sid_a)) {
        EXPECT_FALSE(word.is_ours);
        for (const bool is_list_first : {false, true}) {
            ReconcilerWorld one;
            if (!is_list_first) one.w.append(word);
            one.list(sid_a, t0 - minutes{1});
            one.start(since(t0 - hours{2}));
            one.w.run_for(minutes{6});
            if (is_list_first) one.w.append(word);
            one.w.run_for(minutes{30});
            EXPECT_EQ(one.w.crm.requests.size(), 1U);
            EXPECT_EQ(one.w.story(sid_a).call.state, CallState::delivered);
            EXPECT_EQ(one.w.story(sid_a).call.outcome, Outcome::no_answer);
        }
    }
}

// In no column of the ledger, it is a difference, and nothing once it is known.
TEST_F(ReconcileScopeTest, a_call_that_is_left_to_its_token_is_missing_until_it_is_known) {
    ask_for_call();
    list(sid_a, w.clock.now());
    tell(PlacingParked{sid_a});
    start();
    w.run_for(minutes{6});
    ASSERT_EQ(differences().size(), 1U);
    const TwilioDifference held = differences().front();
    EXPECT_EQ(held.call_sid, sid_a);
    EXPECT_EQ(held.kind, DifferenceKind::missing);
    EXPECT_EQ(held.reason,
              "Twilio: busy; may be the call of an order whose answer was lost: "
              "looked at again at 2025-06-15T15:17:00.000Z");
    w.busy(sid_a);
    EXPECT_TRUE(differences().empty());
    w.run_for(minutes{6});
    EXPECT_TRUE(differences().empty());
}

TEST_F(ReconcileScopeTest, a_call_whose_token_never_came_is_missing_until_it_is_taken_over) {
    ask_for_call();
    list(sid_a, w.clock.now());
    tell(PlacingParked{sid_a});
    start();
    w.run_for(minutes{9});
    EXPECT_EQ(differences().size(), 1U);
    w.run_for(minutes{13});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    EXPECT_TRUE(differences().empty());
}

// What callbacks or a person's settings put aside stays there, and is counted once.
TEST_F(ReconcileScopeTest, a_call_that_twilio_calls_inbound_stays_aside) {
    start();
    w.run_for(minutes{1});
    tell_of_leg(sid_a);
    list(sid_a, w.clock.now(), R"(,"direction":"inbound")");
    w.run_for(minutes{30});
    EXPECT_EQ(w.story(sid_a).call.state, CallState::out_of_scope);
    EXPECT_EQ(w.story(sid_a).events.size(), 1U);
    std::int64_t strangers_count = 0;
    for (const TwilioSlot& slot : slots()) strangers_count += slot.strangers_count;
    EXPECT_EQ(strangers_count, 0);
}

}  // namespace
}  // namespace wrapup
