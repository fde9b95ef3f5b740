// What a person orders goes on after a restart, and lists ElevenLabs' conversations of its time.

#include "test/service/reconciler/reconciler_world.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct ReconcileOrdersTest : testing::Test, ReconcilerWorld {
    // Nothing but orders.
    static ReconcilerSettings only_orders() {
        ReconcilerSettings settings = since(t0 - hours{72});
        settings.interval = milliseconds{0};
        return settings;
    }
    // Of which one page takes ten seconds.
    void list_ten_calls() {
        w.twilio.page_size = 2;
        w.twilio.latency = seconds{10};
        for (int i = 1; i <= 10; ++i) list(sid_number(i), t0 - hours{1} - minutes{i});
    }
    std::int64_t give(ReconcileOrder given) {
        const auto run = w.await(reconciler->order(given));
        EXPECT_TRUE(run) << run.error().detail;
        EXPECT_EQ(run->state, ReconcileRun::State::waiting);
        return run->id;
    }
    ReconcileRun run_of(std::int64_t id) {
        const auto run = w.await(reconciler->find_run(id));
        EXPECT_TRUE(run) << run.error().detail;
        return run ? *run : ReconcileRun{};
    }
    std::size_t kept_count(const std::string& prefix) {
        return w.store.kept_values(prefix)->size();
    }
    // A call on a SIP trunk, which Twilio does not know.
    void talk(const std::string& id, UtcTime at) {
        w.elevenlabs.documents[id] =
            R"({"conversation_id":")" + id + R"(","agent_id":"agent_1","status":"done",)" +
            R"("metadata":{"start_time_unix_secs":)" + std::to_string(to_unix_s(at)) +
            R"(,"call_duration_secs":60,"phone_call":{"type":"sip_trunking",)"
            R"("direction":"outbound","external_number":"+61413052898","call_sid":"x"}},)"
            R"("analysis":{"transcript_summary":"They talked."}})";
    }
    bool is_known(const std::string& id) { return w.store.resolve(id).has_value(); }
};

TEST_F(ReconcileOrdersTest, what_was_over_only_just_is_looked_at_again) {
    ReconcilerSettings settings = since(t0 - hours{72});
    settings.interval = hours{1};
    start(std::move(settings));
    w.run_for(minutes{10});
    list(sid_number(1), w.clock.now() - seconds{40});
    const std::int64_t id = give({t0 - hours{3}, w.clock.now(), false});
    w.run_for(seconds{1});
    ASSERT_EQ(run_of(id).counts.running, 1);
    EXPECT_EQ(known_count(), 0);
    w.run_for(seconds{40});
    EXPECT_EQ(known_count(), 1);
}

TEST_F(ReconcileOrdersTest, a_restart_goes_on_where_the_order_was_left) {
    list_ten_calls();
    start(only_orders());
    const std::int64_t id = give({t0 - hours{3}, t0, false});
    w.run_for(seconds{35});
    const std::int64_t before = known_count();
    EXPECT_GT(before, 0);
    EXPECT_LT(before, 10);
    restart(only_orders());
    w.twilio.lists.clear();
    w.run_for(minutes{4});
    EXPECT_EQ(known_count(), 10);
    EXPECT_EQ(w.crm.requests.size(), 10U);
    ASSERT_FALSE(w.twilio.lists.empty());
    EXPECT_EQ(w.twilio.lists.front().next_page, "/6");
    const ReconcileRun run = run_of(id);
    EXPECT_EQ(run.state, ReconcileRun::State::done);
    EXPECT_TRUE(run.is_ordered);
    EXPECT_EQ(run.from, t0 - hours{3});
    EXPECT_EQ(run.until, t0);
    EXPECT_EQ(run.counts.appended, 10);
    EXPECT_EQ(kept_count("reconcile."), 0U);
    std::int64_t calls_count = 0;
    for (const TwilioSlot& slot : slots()) calls_count += slot.calls_count;
    EXPECT_EQ(calls_count, 10);
}

// Older than what the rounds look at again.
TEST_F(ReconcileOrdersTest, a_stop_in_the_middle_of_a_page_loses_nothing) {
    for (int i = 1; i <= 200; ++i) list(sid_number(i), t0 - hours{30} - seconds{i});
    start(only_orders());
    const std::int64_t id = give({t0 - hours{40}, t0, false});
    w.run_for(seconds{1});
    EXPECT_GT(known_count(), 0);
    EXPECT_LT(known_count(), 200);
    restart(only_orders());
    w.run_for(minutes{3});
    EXPECT_EQ(run_of(id).state, ReconcileRun::State::done);
    EXPECT_EQ(known_count(), 200);
}

TEST_F(ReconcileOrdersTest, windows_that_were_done_are_not_listed_again) {
    w.twilio.latency = seconds{10};
    list(sid_number(1), t0 - hours{1});
    start(only_orders());
    const std::int64_t id = give({t0 - hours{24 * 20}, t0, false});  // Three windows.
    w.run_for(seconds{15});
    EXPECT_EQ(w.twilio.lists.size(), 2U);
    restart(only_orders());
    w.twilio.lists.clear();
    w.run_for(minutes{2});
    EXPECT_EQ(run_of(id).state, ReconcileRun::State::done);
    EXPECT_LE(w.twilio.lists.size(), 2U);
}

TEST_F(ReconcileOrdersTest, orders_that_wait_keep_their_turn_and_number) {
    list_ten_calls();
    start(only_orders());
    const std::int64_t first = give({t0 - hours{3}, t0, false});
    const std::int64_t second = give({t0 - hours{2}, t0 - hours{1}, true});
    w.run_for(seconds{35});
    restart(only_orders());
    EXPECT_EQ(run_of(second).state, ReconcileRun::State::waiting);
    w.run_for(minutes{4});
    EXPECT_EQ(run_of(first).state, ReconcileRun::State::done);
    EXPECT_EQ(run_of(second).state, ReconcileRun::State::done);
    EXPECT_TRUE(run_of(second).is_dry_run);
    EXPECT_LT(run_of(first).ended_at, run_of(second).ended_at);
    EXPECT_GT(give({t0 - hours{1}, t0, true}), second);
}

// Its findings are all there is of it.
TEST_F(ReconcileOrdersTest, a_dry_run_begins_anew) {
    list_ten_calls();
    start(only_orders());
    const std::int64_t id = give({t0 - hours{3}, t0, true});
    w.run_for(seconds{35});
    restart(only_orders());
    w.run_for(minutes{4});
    const ReconcileRun run = run_of(id);
    EXPECT_EQ(run.state, ReconcileRun::State::done);
    EXPECT_EQ(run.counts.missed, 10);
    EXPECT_EQ(run.findings.size(), 10U);
    EXPECT_EQ(known_count(), 0);
    EXPECT_EQ(kept_count("reconcile."), 0U);
}

// Twilio lists whole days.
TEST_F(ReconcileOrdersTest, its_counts_add_up_to_the_calls_of_its_time) {
    list_ten_calls();
    list(sid_number(11), t0 - hours{1} - minutes{4}, R"(,"parent_call_sid":")" + sid_a + '"');
    list(sid_number(12), t0 - hours{1} - minutes{5}, {}, "in-progress");
    start(only_orders());
    const std::int64_t id = give({t0 - hours{1} - minutes{6}, t0 - hours{1}, true});
    w.run_for(minutes{4});
    const ReconcileRun run = run_of(id);
    ASSERT_EQ(run.state, ReconcileRun::State::done);
    const ReconcileCounts& counts = run.counts;
    EXPECT_EQ(counts.legs, 1);
    EXPECT_EQ(counts.running, 1);
    EXPECT_GE(counts.missed, 5);
    EXPECT_LT(counts.listed, 12);
    EXPECT_EQ(counts.listed, counts.known + counts.missed + counts.running + counts.strangers +
                                 counts.legs + counts.unadoptable);
}

TEST_F(ReconcileOrdersTest, a_page_that_twilio_has_forgotten_begins_its_window_anew) {
    list_ten_calls();
    start(only_orders());
    const std::int64_t id = give({t0 - hours{3}, t0, false});
    w.run_for(seconds{35});
    restart(only_orders());
    w.twilio.list_trouble = Error{Errc::not_found, "HTTP 404"};
    w.twilio.lists.clear();
    w.run_for(seconds{15});
    w.twilio.list_trouble.reset();
    w.run_for(minutes{4});
    ASSERT_GT(w.twilio.lists.size(), 2U);
    EXPECT_EQ(w.twilio.lists[0].next_page, "/6");
    EXPECT_EQ(w.twilio.lists[1].next_page, "");
    EXPECT_EQ(run_of(id).state, ReconcileRun::State::done);
    EXPECT_EQ(known_count(), 10);
}

TEST_F(ReconcileOrdersTest, a_run_that_failed_is_over) {
    w.twilio.list_trouble = Error{Errc::unauthorized, "HTTP 401"};
    start(only_orders());
    const ReconcileRun run = order({t0 - hours{3}, t0, false});
    EXPECT_EQ(run.state, ReconcileRun::State::failed);
    EXPECT_NE(run.error, "");
    EXPECT_EQ(kept_count("reconcile."), 0U);
}

TEST_F(ReconcileOrdersTest, an_hour_of_429_is_waited_out_and_rounds_go_on_meanwhile) {
    list(sid_number(1), t0 - hours{1});
    w.twilio.list_trouble = Error{Errc::rate_limited, "HTTP 429"};
    w.twilio.retry_after = minutes{10};
    start(since(t0 - hours{72}));
    const std::int64_t id = give({t0 - hours{3}, t0, false});
    w.run_for(hours{1});
    EXPECT_LT(w.twilio.lists.size(), 16U);
    EXPECT_EQ(run_of(id).state, ReconcileRun::State::waiting);
    EXPECT_NE(run_of(id).error.find("asks for patience"), std::string::npos);
    EXPECT_GT(status().runs.size(), 4U);
    w.twilio.list_trouble.reset();
    w.twilio.retry_after.reset();
    w.run_for(minutes{15});
    EXPECT_EQ(run_of(id).state, ReconcileRun::State::done);
    EXPECT_EQ(run_of(id).error, "");
    EXPECT_EQ(known_count(), 1);
}

TEST_F(ReconcileOrdersTest, trouble_without_an_end_is_given_up) {
    w.twilio.list_trouble = Error{Errc::unavailable, "HTTP 503"};
    start(only_orders());
    const std::int64_t id = give({t0 - hours{3}, t0, false});
    w.run_for(hours{1});
    EXPECT_EQ(run_of(id).state, ReconcileRun::State::waiting);
    EXPECT_LT(w.twilio.lists.size(), 14U);
    w.run_for(hours{1});
    EXPECT_EQ(run_of(id).state, ReconcileRun::State::failed);
    EXPECT_EQ(kept_count("reconcile."), 0U);
    w.twilio.list_trouble.reset();
    EXPECT_EQ(order({t0 - hours{3}, t0, false}).state, ReconcileRun::State::done);
}

TEST_F(ReconcileOrdersTest, what_cannot_be_kept_is_refused) {
    start(only_orders());
    w.run_for(seconds{1});
    w.store.trouble = Error{Errc::unavailable, "the disk is full"};
    const auto run = w.await(reconciler->order({t0 - hours{3}, t0, false}));
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().code, Errc::unavailable);
    w.store.trouble.reset();
    w.run_for(minutes{1});
    EXPECT_EQ(w.twilio.lists.size(), 0U);
    EXPECT_EQ(status().runs.front().state, ReconcileRun::State::failed);
}

// ---- Conversations ----

TEST_F(ReconcileOrdersTest, conversations_older_than_a_day_are_taken_over) {
    has_elevenlabs = true;
    talk("conv_1", t0 - hours{60});
    talk("conv_2", t0 - hours{25});
    start(only_orders());
    const ReconcileRun run = order({t0 - hours{70}, t0 - hours{30}, false});
    EXPECT_EQ(run.state, ReconcileRun::State::done);
    EXPECT_EQ(run.counts.conversations, 1);
    EXPECT_EQ(w.story("conv_1").events.front().kind, EventKind::reconcile_conversation);
    EXPECT_FALSE(is_known("conv_2"));
    EXPECT_EQ(w.elevenlabs.fetches, std::vector<std::string>{"conv_1"});
    EXPECT_EQ(kept_count("elevenlabs."), 0U);
    w.run_for(minutes{5});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST_F(ReconcileOrdersTest, the_place_of_the_rounds_stays_where_it_is) {
    has_elevenlabs = true;
    start(since(t0 - hours{2}));
    w.run_for(minutes{4});
    const auto before = w.store.kept_values("elevenlabs.");
    ASSERT_FALSE(before->empty());
    w.elevenlabs.lists.clear();
    give({t0 - hours{30}, t0, false});
    w.run_for(seconds{10});
    EXPECT_GE(w.elevenlabs.lists.size(), 5U);
    EXPECT_EQ(*w.store.kept_values("elevenlabs."), *before);
}

TEST_F(ReconcileOrdersTest, a_dry_run_counts_conversations_and_leaves_them) {
    has_elevenlabs = true;
    talk("conv_1", t0 - hours{30});
    start(only_orders());
    const ReconcileRun dry = order({t0 - hours{31}, t0, true});
    EXPECT_EQ(dry.state, ReconcileRun::State::done);
    EXPECT_EQ(dry.counts.conversations, 1);
    EXPECT_FALSE(is_known("conv_1"));
    const ReconcileRun run = order({t0 - hours{31}, t0, false});
    EXPECT_EQ(run.counts.conversations, 1);
    EXPECT_TRUE(is_known("conv_1"));
}

TEST_F(ReconcileOrdersTest, a_restart_goes_on_with_the_conversations) {
    has_elevenlabs = true;
    w.elevenlabs.latency = seconds{10};
    talk("conv_1", t0 - hours{46});
    start(only_orders());
    const std::int64_t id = give({t0 - hours{48}, t0, false});  // Eight lists.
    w.run_for(seconds{45});
    EXPECT_EQ(w.elevenlabs.lists.size(), 5U);
    restart(only_orders());
    w.elevenlabs.lists.clear();
    w.twilio.lists.clear();
    w.run_for(minutes{3});
    EXPECT_EQ(run_of(id).state, ReconcileRun::State::done);
    EXPECT_EQ(w.twilio.lists.size(), 0U);
    ASSERT_FALSE(w.elevenlabs.lists.empty());
    EXPECT_LE(w.elevenlabs.lists.size(), 4U);
    EXPECT_EQ(w.elevenlabs.lists.back().started_after, t0 - hours{48});
    EXPECT_TRUE(is_known("conv_1"));
}

TEST_F(ReconcileOrdersTest, rounds_have_their_turn_between_conversations) {
    has_elevenlabs = true;
    w.elevenlabs.latency = seconds{1};
    w.elevenlabs.page_size = 50;
    for (int i = 0; i < 100; ++i) talk("conv_" + std::to_string(i), t0 - hours{30});
    ReconcilerSettings settings = since(t0 - hours{48});
    settings.interval = seconds{20};
    start(settings);
    w.run_for(seconds{50});
    const std::int64_t id = give({t0 - hours{31}, t0 - hours{29}, true});
    w.twilio.lists.clear();
    w.run_for(seconds{80});
    EXPECT_EQ(run_of(id).state, ReconcileRun::State::running);
    EXPECT_GE(w.twilio.lists.size(), 4U);
    w.run_for(minutes{2});
    EXPECT_EQ(run_of(id).state, ReconcileRun::State::done);
    EXPECT_EQ(run_of(id).counts.conversations, 100);
}

TEST_F(ReconcileOrdersTest, elevenlabs_in_trouble_is_asked_again_and_then_told) {
    has_elevenlabs = true;
    talk("conv_1", t0 - minutes{10});
    w.elevenlabs.trouble = ElevenLabsError{{Errc::rate_limited, "HTTP 429"}, seconds{60}};
    start(only_orders());
    const std::int64_t first = give({t0 - hours{1}, t0, false});
    w.run_for(minutes{10});
    EXPECT_EQ(run_of(first).state, ReconcileRun::State::failed);
    EXPECT_NE(run_of(first).error.find("HTTP 429"), std::string::npos);
    EXPECT_EQ(w.elevenlabs.lists.size(), 4U);
    const std::int64_t second = give({t0 - hours{1}, t0, false});
    w.run_for(seconds{90});
    w.elevenlabs.trouble.reset();
    w.run_for(minutes{3});
    EXPECT_EQ(run_of(second).state, ReconcileRun::State::done);
    EXPECT_TRUE(is_known("conv_1"));
    EXPECT_FALSE(status().elevenlabs.has_value());
}

}  // namespace
}  // namespace wrapup
