// What one node's rounds found is told by the others, and after a restart.

#include "test/service/reconciler/reconciler_world.hpp"

namespace wrapup {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class HeldDuties final : public Duties {
public:
    explicit HeldDuties(bool is_given) : is_ours(is_given) {}
    bool has(std::string_view) const override { return is_ours; }
    bool is_ours;
};

ReconcilerSettings settings_of(const std::string& node) {
    ReconcilerSettings settings;
    settings.node = node;
    settings.since = t0;
    return settings;
}

// Two nodes on one store: `reconciler` makes the rounds, `other` does not.
struct ReconcileTold : testing::Test, ReconcilerWorld {
    ReconcileTold() {
        duties = &held;
        has_elevenlabs = true;
    }
    ~ReconcileTold() override {
        if (other) other->stop();
        w.run_for(minutes{1});
    }
    void start_both() {
        start(settings_of("n1"));
        other = std::make_unique<Reconciler>(
            Reconciler::Ports{w.clock, w.store, w.reads, w.commits, w.intake, w.twilio,
                              &w.elevenlabs, &w.finder.slots(), w.log, w.metrics, &waiting},
            w.io.get_executor(), settings_of("n2"));
        spawn_root(w.io.get_executor(), other->run());
        w.run_for(minutes{6});
    }
    ReconcileStatus other_status() { return w.await(other->status()); }
    void refuse_all() {
        w.twilio.list_trouble = Error{Errc::unauthorized, "Twilio answered HTTP 401"};
        w.elevenlabs.trouble =
            ElevenLabsError{{Errc::unauthorized, "ElevenLabs answered HTTP 401"}, {}};
    }

    HeldDuties held{true};
    HeldDuties waiting{false};
    std::unique_ptr<Reconciler> other;
};

TEST_F(ReconcileTold, another_node_tells_the_same) {
    w.elevenlabs.webhooks = {{"post-call", "https://a.example", true, true, "500", t0}};
    start_both();
    ReconcileStatus own = status();
    EXPECT_EQ(own.node, "");
    EXPECT_GE(own.runs.size(), 2U);
    own.node = "n1";
    EXPECT_EQ(other_status(), own);
    EXPECT_EQ(other->webhook_alerts()->size(), 1U);
    EXPECT_EQ(w.await(other->find_run(2))->id, 2);
    w.elevenlabs.webhooks.clear();
    w.run_for(minutes{6});
    EXPECT_TRUE(other->webhook_alerts()->empty());

    refuse_all();
    w.run_for(minutes{6});
    EXPECT_TRUE(other_status().twilio);
    EXPECT_TRUE(other_status().elevenlabs);

    w.twilio.list_trouble.reset();
    w.elevenlabs.trouble.reset();
    w.run_for(minutes{6});
    EXPECT_FALSE(other_status().twilio);
    EXPECT_FALSE(other_status().elevenlabs);
}

TEST_F(ReconcileTold, whoever_takes_over_tells_the_last_finding_until_its_round_has_ended) {
    refuse_all();
    start_both();
    EXPECT_TRUE(other_status().twilio);
    const auto runs_count = other_status().runs.size();
    w.twilio.list_trouble.reset();
    w.elevenlabs.trouble.reset();
    w.twilio.latency = seconds{20};
    held.is_ours = false;
    waiting.is_ours = true;
    w.run_for(seconds{10});
    EXPECT_TRUE(other_status().twilio);
    EXPECT_EQ(other_status().node, "");
    w.run_for(minutes{2});
    EXPECT_FALSE(other_status().twilio);
    EXPECT_FALSE(other_status().elevenlabs);
    EXPECT_GT(other_status().runs.size(), runs_count);
    EXPECT_EQ(status().node, "n2");
    EXPECT_FALSE(status().twilio);
}

TEST_F(ReconcileTold, an_order_at_one_node_is_told_by_the_other_with_its_findings) {
    start_both();
    list(sid_number(1), w.clock.now() - minutes{2});
    w.twilio.latency = seconds{1};
    const ReconcileOrder asked{w.clock.now() - minutes{9}, w.clock.now(), true};
    const auto here = w.await(other->order(asked));
    w.run_for(milliseconds{1});
    const auto there = w.await(reconciler->order(asked));
    ASSERT_TRUE(here && there);
    EXPECT_NE(here->id, there->id);
    EXPECT_EQ(w.await(reconciler->find_run(here->id))->state, ReconcileRun::State::waiting);
    w.run_for(minutes{1});
    const auto found = w.await(reconciler->find_run(here->id));
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, *w.await(other->find_run(here->id)));
    EXPECT_EQ(found->state, ReconcileRun::State::done);
    EXPECT_EQ(found->findings.size(), 1U);
    EXPECT_EQ(w.await(other->find_run(there->id))->state, ReconcileRun::State::done);
    EXPECT_EQ(std::ranges::count(status().runs, here->id, &ReconcileRun::id), 1);
}

TEST_F(ReconcileTold, a_restart_forgets_nothing) {
    duties = nullptr;
    w.elevenlabs.webhooks = {{"post-call", "https://a.example", true, true, "500", t0}};
    start(settings_of(""));
    w.run_for(minutes{1});
    w.elevenlabs.latency = w.twilio.latency = seconds{20};
    reconciler->stop();
    w.run_for(minutes{1});
    start(settings_of(""));
    w.run_for(seconds{5});
    ASSERT_TRUE(status().webhooks);
    EXPECT_EQ(status().webhooks->size(), 1U);
    EXPECT_EQ(status().runs.size(), 2U);
    EXPECT_NE(status().runs.front().id, status().runs.back().id);
}

}  // namespace
}  // namespace wrapup
