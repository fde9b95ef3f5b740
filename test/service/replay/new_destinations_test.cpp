#include "service/replay/new_destinations.hpp"

#include <algorithm>

#include "service/replay/replayer.hpp"
#include "test/service/workers.hpp"

namespace wrapup {
namespace {

class HeldDuties final : public Duties {
public:
    bool has(std::string_view) const override { return is_ours; }
    bool is_ours = true;
};

NodeRow node(const std::string& id, SentTo sends_to) {
    NodeRow row;
    row.id = id;
    row.host = id;
    row.sends_to = std::move(sends_to);
    return row;
}

// Its calls settle without `sea`, as at a node whose settings do not have it yet.
class NewInFleet : public Workers {
public:
    void begin() { spawn_root(io.get_executor(), earlier.run()); }
    std::int64_t count() { return earlier_count(store, "sea"); }
    std::int64_t told(const std::string& text) {
        return std::ranges::count_if(log.messages, [&](const std::string& message) {
            return message.find(text) != std::string::npos;
        });
    }
    ReplayJob replay() {
        ReplayOrder order;
        order.filter.destination = "sea";
        order.is_earlier = true;
        const ReplayPreview seen = *await(replayer.preview(order));
        return *await(replayer.start(order, seen.token, ""));
    }

    HeldDuties duties;
    std::vector<NodeRow> nodes{node("a", {"crm", "sea"}), node("b", {"crm"})};
    const RecordRoutes both{{"crm", true, {}}, {"sea", true, {}}};
    NewDestinations earlier{
        {clock, store, store, reads, commits, log, &duties, [this] { return nodes; }}, both};
    Replayer replayer{{clock, store, reads, reads, commits, log}, io.get_executor(), both};
};

TEST(NewDestinations, count_what_settles_at_a_node_that_does_not_have_one_yet) {
    NewInFleet w;
    w.busy(sid_number(1));
    w.begin();
    w.run_for(seconds{5});
    EXPECT_EQ(w.count(), 1);
    EXPECT_EQ(w.told("a node does not send to a destination"), 1);
    w.busy(sid_number(2));
    w.nodes[1].has_stopped = true;
    w.run_for(seconds{5});
    EXPECT_EQ(w.count(), 2);
    EXPECT_EQ(w.told("calls settled without a destination"), 2);
    w.nodes[1] = node("b", {"crm", "sea"});
    w.busy(sid_number(3));
    w.run_for(seconds{60});
    EXPECT_EQ(w.count(), 2);  // Not counted for ever.
}

TEST(NewDestinations, count_what_settles_elsewhere_after_the_earlier_ones_were_sent) {
    NewInFleet w;
    w.busy(sid_number(1));
    w.begin();
    w.run_for(seconds{5});
    spawn_root(w.io.get_executor(), w.replayer.run());
    EXPECT_EQ(w.replay().count, 1);
    w.run_for(seconds{5});
    EXPECT_EQ(w.count(), 0);
    w.busy(sid_number(2));
    w.busy(sid_number(3));
    w.run_for(seconds{5});
    w.nodes[1] = node("b", {"crm", "sea"});
    w.run_for(seconds{5});
    EXPECT_EQ(w.count(), 2);
    EXPECT_EQ(w.replay().count, 2);
    w.run_for(seconds{5});
    EXPECT_EQ(w.count(), 0);
}

TEST(NewDestinations, wait_for_a_node_that_fell_silent_and_for_whoever_clears_up) {
    NewInFleet w;
    w.begin();
    w.run_for(seconds{5});
    w.duties.is_ours = false;
    w.busy(sid_number(1));
    w.nodes[1].seen_at = w.clock.now() - std::chrono::hours{1};
    w.run_for(seconds{5});
    EXPECT_EQ(w.count(), 0);
    w.nodes.pop_back();
    w.run_for(seconds{5});
    EXPECT_EQ(w.count(), 0);
    w.duties.is_ours = true;
    w.run_for(seconds{5});
    EXPECT_EQ(w.count(), 1);
}

TEST(NewDestinations, count_again_what_a_cancelled_replay_has_left) {
    NewInFleet w;
    w.nodes.pop_back();
    w.busy(sid_number(1));
    w.begin();
    w.run_for(seconds{5});
    const ReplayJob job = w.replay();  // Nobody goes on with it.
    w.run_for(seconds{60});
    EXPECT_EQ(w.count(), 0);
    ASSERT_TRUE(w.await(w.replayer.cancel(job.id)));
    w.run_for(seconds{5});
    EXPECT_EQ(w.count(), 1);
}

}  // namespace
}  // namespace wrapup
