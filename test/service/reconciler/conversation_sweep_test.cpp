// What ElevenLabs' list shows: calls that only it knows, links, and summaries that were missed.

#include "test/service/reconciler/reconciler_world.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct ConversationSweepTest : testing::Test, ReconcilerWorld {
    ConversationSweepTest() { has_elevenlabs = true; }

    void know(const std::string& id, const std::string& document) {
        w.elevenlabs.documents[id] = document;
    }
    // A conversation on a SIP trunk that began a minute before t0.
    static std::string sip(const std::string& id, const std::string& agent = "agent_1") {
        return R"({"conversation_id":")" + id + R"(","agent_id":")" + agent +
               R"(","status":"done","metadata":{"start_time_unix_secs":)" +
               std::to_string(to_unix_s(t0) - 60) +
               R"(,"call_duration_secs":60,"phone_call":{"type":"sip_trunking",)"
               R"("direction":"outbound","external_number":"+61413052898","call_sid":"x"}},)"
               R"("analysis":{"transcript_summary":"They talked."}})";
    }
    // None of them is ours, so that nothing is kept of them.
    void know_strangers(int count) {
        for (int i = 0; i < count; ++i) {
            const std::string id = "conv_" + std::to_string(1000 + i);
            std::string document = sip(id, "agent_2");
            const std::string begun_at = std::to_string(to_unix_s(t0) - 60);
            document.replace(document.find(begun_at), begun_at.size(),
                             std::to_string(to_unix_s(t0 - hours{1})));
            know(id, document);
        }
        w.elevenlabs.page_size = 50;
    }
    static ReconcilerSettings every(milliseconds interval) {
        ReconcilerSettings settings = ours();
        settings.our_agents.push_back("agent_3");
        settings.interval = interval;
        return settings;
    }
    bool is_known(const std::string& id) { return w.store.resolve(id).has_value(); }
    static ReconcilerSettings ours() {
        ReconcilerSettings settings = since(t0 - hours{2});
        settings.our_agents = {"agent_1"};
        return settings;
    }
};

TEST_F(ConversationSweepTest, a_call_that_only_elevenlabs_knows_is_found_and_delivered) {
    know("conv_1", sip("conv_1"));
    start(ours());
    w.run_for(minutes{20});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.story("conv_1").events.front().kind, EventKind::reconcile_conversation);
    EXPECT_NE(w.crm.requests.front().body.find("They talked."), std::string::npos);
}

TEST_F(ConversationSweepTest, other_agents_and_web_conversations_stay_out) {
    know("conv_1", sip("conv_1", "agent_2"));
    std::string web = sip("conv_2");
    web.replace(web.find(R"(,"phone_call")"),
                web.find("},\"analysis\"") - web.find(R"(,"phone_call")"), "");
    know("conv_2", web);
    start(ours());
    w.run_for(minutes{20});
    EXPECT_FALSE(is_known("conv_1"));
    EXPECT_FALSE(is_known("conv_2"));
    EXPECT_LE(w.elevenlabs.fetches.size(), 2U);
}

TEST_F(ConversationSweepTest, a_web_conversation_that_names_a_call_makes_no_call) {
    std::string web = sip("conv_2");
    const std::size_t phone_at = web.find(R"(,"phone_call")");
    web.replace(phone_at, web.find("},\"analysis\"") - phone_at, "");
    web.back() = ',';
    know("conv_2", web + R"("conversation_initiation_client_data":{"dynamic_variables":{)" +
                       R"("system__call_sid":")" + sid_a + R"("}}})");
    start(ours());
    w.run_for(minutes{20});
    EXPECT_EQ(w.crm.requests.size(), 0U);
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::unlinked);
}

TEST_F(ConversationSweepTest, what_ended_before_since_stays_out) {
    know("conv_1", sip("conv_1"));
    start(since(t0 + minutes{1}));
    w.run_for(minutes{20});
    EXPECT_FALSE(is_known("conv_1"));
}

TEST_F(ConversationSweepTest, a_summary_that_was_missed_is_kept_with_its_call) {
    w.callback(sid_a, {{"CallStatus", "completed"}, {"CallDuration", "60"}});
    w.run_for(minutes{1});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    know("conv_1", w.document("conv_1", sid_a, "done", "They agreed."));
    start(since(t0 - hours{2}));
    w.run_for(minutes{20});
    const CallStory story = w.story(sid_a);
    EXPECT_EQ(story.events.back().kind, EventKind::reconcile_conversation);
    EXPECT_TRUE(story.events.back().is_late);
    EXPECT_EQ(story.call.conversation_id, "conv_1");
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST_F(ConversationSweepTest, what_a_webhook_told_is_not_fetched) {
    const std::string document = w.document("conv_1", sid_a, "done", "They agreed.");
    know("conv_1", document);
    w.webhook(document);
    start(since(t0 - hours{2}));
    w.run_for(minutes{20});
    EXPECT_EQ(w.elevenlabs.fetches.size(), 0U);
}

TEST_F(ConversationSweepTest, trouble_is_told_and_waited_out) {
    know("conv_1", sip("conv_1"));
    w.elevenlabs.trouble = ElevenLabsError{{Errc::rate_limited, "HTTP 429"}, seconds{60}};
    start(ours());
    w.run_for(minutes{20});
    ASSERT_TRUE(status().elevenlabs.has_value());
    EXPECT_FALSE(is_known("conv_1"));
    w.elevenlabs.trouble.reset();
    w.run_for(minutes{20});
    EXPECT_FALSE(status().elevenlabs.has_value());
    EXPECT_TRUE(is_known("conv_1"));
}

// Alerts hear it by this label.
TEST_F(ConversationSweepTest, a_refused_key_is_counted_as_one) {
    w.elevenlabs.trouble = ElevenLabsError{{Errc::unauthorized, "HTTP 401"}, {}};
    start(ours());
    w.run_for(minutes{1});
    EXPECT_GT((w.metrics.counts[{Counter::elevenlabs_requests, "our API key is refused"}]), 0);
    EXPECT_EQ((w.metrics.counts[{Counter::elevenlabs_requests, "no useful answer"}]), 0);
}

TEST_F(ConversationSweepTest, webhooks_are_asked_about_again_after_the_key_was_refused) {
    w.elevenlabs.webhooks = {{"post-call", "https://hooks.example.org/x", false, true, "503", {}}};
    w.elevenlabs.trouble = ElevenLabsError{{Errc::unauthorized, "HTTP 401"}, {}};
    start(ours());
    w.run_for(minutes{20});
    w.elevenlabs.trouble.reset();
    w.run_for(minutes{20});
    EXPECT_FALSE(status().webhooks.has_value());
    w.run_for(minutes{30});
    EXPECT_TRUE(status().webhooks.has_value());
}

// Twilio's list has its time, however long ElevenLabs' takes.
TEST_F(ConversationSweepTest, a_backlog_does_not_keep_twilio_waiting) {
    know_strangers(200);
    w.elevenlabs.latency = seconds{2};
    start(every(seconds{10}));
    w.run_for(seconds{60});
    EXPECT_GE(w.twilio.lists.size(), 5U);
    EXPECT_LT(w.elevenlabs.fetches.size(), 40U);
    list(sid_a, w.clock.now());
    w.run_for(seconds{75});  // It is over after 30 s, and its callback has its time.
    EXPECT_TRUE(is_known(sid_a));
    w.run_for(minutes{15});
    EXPECT_EQ(w.elevenlabs.fetches.size(), 200U) << "each once";
}

TEST_F(ConversationSweepTest, a_restart_goes_on_in_the_list) {
    know_strangers(200);
    w.elevenlabs.latency = seconds{1};
    start(every(seconds{30}));
    w.run_for(seconds{150});
    const std::size_t before = w.elevenlabs.fetches.size();
    EXPECT_GT(before, 100U);
    EXPECT_LT(before, 200U);
    restart(every(seconds{30}));
    w.run_for(minutes{5});
    EXPECT_GE(w.elevenlabs.fetches.size(), 200U);
    EXPECT_LE(w.elevenlabs.fetches.size(), 250U) << "a page again";
}

TEST_F(ConversationSweepTest, a_list_without_end_keeps_nobody_waiting) {
    w.elevenlabs.has_no_end = true;
    start(every(seconds{10}));
    w.run_for(minutes{2});
    EXPECT_GE(w.twilio.lists.size(), 10U);
    w.run_for(minutes{10});
    ASSERT_TRUE(status().elevenlabs.has_value());
    EXPECT_NE(status().elevenlabs->what.find("more pages"), std::string::npos);
    know("conv_1", sip("conv_1"));
    w.elevenlabs.has_no_end = false;
    w.run_for(minutes{2});
    EXPECT_FALSE(status().elevenlabs.has_value());
    EXPECT_TRUE(is_known("conv_1"));
}

// Of a cursor that is too old, say.
TEST_F(ConversationSweepTest, a_place_that_is_refused_is_left) {
    know_strangers(120);
    know("conv_1", sip("conv_1"));
    w.elevenlabs.latency = seconds{1};
    start(every(seconds{30}));
    w.run_for(seconds{100});
    const auto kept = w.store.kept_values("elevenlabs.left.cursor");
    ASSERT_EQ(kept->size(), 1U);
    w.elevenlabs.trouble = ElevenLabsError{{Errc::invalid_input, "HTTP 400"}, {}};
    w.run_for(minutes{3});
    EXPECT_TRUE(status().elevenlabs.has_value());
    w.elevenlabs.lists.clear();
    w.elevenlabs.trouble.reset();
    w.run_for(minutes{1});
    ASSERT_FALSE(w.elevenlabs.lists.empty());
    EXPECT_EQ(w.elevenlabs.lists.front().cursor, "");
}

TEST_F(ConversationSweepTest, a_webhook_that_was_switched_off_is_told) {
    w.elevenlabs.webhooks = {{"post-call", "https://hooks.example.org/x", false, true, "503", {}}};
    start(since(t0 - hours{2}));
    w.run_for(minutes{20});
    ASSERT_TRUE(status().webhooks.has_value());
    EXPECT_EQ(*status().webhooks, w.elevenlabs.webhooks);
    EXPECT_EQ((w.metrics.counts[{Counter::alerts, "webhook"}]), 1);
}

}  // namespace
}  // namespace wrapup
