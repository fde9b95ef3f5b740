#include "service/replay/replayer.hpp"

#include <algorithm>

#include "core/store/replay_token.hpp"
#include "test/service/workers.hpp"

namespace wrapup {
namespace {

// The workers, and replays of what the CRM has rejected.
class Replays : public Workers {
public:
    explicit Replays(WorkersChoice choice = {}) : Workers(std::move(choice)) {
        spawn_root(io.get_executor(), replayer.run());
    }
    void reject(int count) {
        for (int i = 1; i <= count; ++i) {
            crm.answers.push_back(ScriptedCrm::status(422));
            busy(sid_number(i));
        }
        run_for(seconds{5});
        ASSERT_EQ(crm.requests.size(), static_cast<std::size_t>(count));
    }
    ReplayPreview preview(const ReplayOrder& order) {
        auto previewed = await(replayer.preview(order));
        EXPECT_TRUE(previewed) << previewed.error().detail;
        return previewed ? *previewed : ReplayPreview{};
    }
    Result<ReplayJob> start(const ReplayOrder& order, const std::string& token) {
        return await(replayer.start(order, token, "mended"));
    }
    ReplayJob job(std::int64_t id) { return *await(replayer.find(id)); }

    Replayer replayer{{clock, store, reads, reads, commits, log},
                      io.get_executor(),
                      {{"crm", true, {}}, {"lake", false, {}}, {"sea", true, {}}}};
};

TEST(Replayer, sends_what_was_previewed_once) {
    Replays w;
    w.reject(12);
    const ReplayPreview seen = w.preview({});
    EXPECT_EQ(seen.count, 12);
    EXPECT_EQ(seen.call_ids.size(), 10U);
    const auto begun = w.start({}, seen.token);
    ASSERT_TRUE(begun);
    w.run_for(seconds{5});
    EXPECT_EQ(w.job(begun->id).state, ReplayState::done);
    EXPECT_EQ(w.job(begun->id).accepted, 12);
    EXPECT_EQ(w.crm.requests.size(), 24U);
    EXPECT_EQ(w.story(sid_number(3)).call.state, CallState::delivered);
    EXPECT_EQ(w.start({}, seen.token)->id, begun->id);
}

TEST(Replayer, keeps_few_on_their_way_at_a_time) {
    Replays w;
    w.reject(1'500);
    w.crm.hanging = {"crm"};
    const auto begun = w.start({}, w.preview({}).token);
    ASSERT_TRUE(begun);
    w.run_for(seconds{3});
    EXPECT_EQ(w.job(begun->id).released, 100);
    w.crm.hanging.clear();
    w.run_for(std::chrono::hours{1});
    EXPECT_EQ(w.job(begun->id).state, ReplayState::done);
    EXPECT_EQ(w.job(begun->id).accepted, 1'500);
}

TEST(Replayer, refuses_a_token_of_something_else) {
    Replays w;
    w.reject(1);
    ReplayOrder dead;
    dead.filter.parked = ParkReason::dead;
    EXPECT_EQ(w.start({}, w.preview(dead).token).error().code, Errc::conflict);
    EXPECT_EQ(w.start({}, "nonsense").error().code, Errc::invalid_input);
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(Replayer, refuses_when_more_is_found_than_was_previewed) {
    Replays w;
    w.crm.answers = {ScriptedCrm::status(503), ScriptedCrm::status(422)};
    w.busy(sid_number(1));
    const ReplayPreview seen = w.preview({});
    EXPECT_EQ(seen.count, 0);
    w.run_for(seconds{30});
    const auto begun = w.start({}, seen.token);
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, Errc::conflict);
}

TEST(Replayer, refuses_destinations_to_which_nothing_is_sent) {
    Replays w;
    ReplayOrder order;
    for (const char* const name : {"lake", "nowhere"}) {
        order.filter.destination = name;
        EXPECT_EQ(w.await(w.replayer.preview(order)).error().code, Errc::invalid_input) << name;
    }
    EXPECT_NE(w.await(w.replayer.preview(order)).error().detail.find("but crm"), std::string::npos);
    for (const bool gives_up : {false, true}) {
        order.to = gives_up ? "" : "crm";
        order.gives_up = gives_up;
        const auto unknown = w.await(w.replayer.preview(order));
        ASSERT_FALSE(unknown);
        EXPECT_TRUE(unknown.error().detail.starts_with("destination: there is no destination"));
    }
    StoreOp removed = SetDestination{"nowhere", DestinationState::removed, w.clock.now()};
    ASSERT_TRUE(w.store.commit(std::span(&removed, 1), w.clock.now()));
    EXPECT_TRUE(w.await(w.replayer.preview(order)));
    order.gives_up = false;
    order.to = "crm";
    EXPECT_TRUE(w.await(w.replayer.preview(order)));
    order.to = "nowhere";
    EXPECT_EQ(w.await(w.replayer.preview(order)).error().code, Errc::invalid_input);
}

TEST(Replayer, a_healthy_destination_gives_its_records_to_nobody) {
    Replays w;
    w.reject(1);
    ReplayOrder order;
    order.filter.destination = "crm";
    order.to = "sea";
    const auto refused = w.await(w.replayer.preview(order));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_TRUE(refused.error().detail.starts_with("to: destination crm is active"));
    StoreOp gone = SetDestination{"crm", DestinationState::gone, w.clock.now()};
    ASSERT_TRUE(w.store.commit(std::span(&gone, 1), w.clock.now()));
    const ReplayPreview seen = w.preview(order);
    EXPECT_EQ(seen.count, 1);
    StoreOp back = SetDestination{"crm", DestinationState::active, w.clock.now()};
    ASSERT_TRUE(w.store.commit(std::span(&back, 1), w.clock.now()));
    EXPECT_EQ(w.start(order, seen.token).error().code, Errc::conflict);
    EXPECT_EQ(w.story(sid_number(1)).deliveries.front().delivery.destination, "crm");
}

TEST(Replayer, a_preview_counts_no_record_that_the_other_destination_has) {
    Replays w;
    w.reject(2);
    const auto now = w.clock.now();
    ReplayOrder earlier;
    earlier.filter.destination = "sea";
    earlier.is_earlier = true;
    const std::vector<StoreOp> ops{StartReplay{earlier, "one", "", 1, 2, 1, now},
                                   AdvanceReplay{1, {}, now},
                                   SetDestination{"crm", DestinationState::gone, now}};
    ASSERT_TRUE(w.store.commit(ops, now));
    ReplayOrder order;
    order.filter.destination = "crm";
    const ReplayPreview in_vain = w.preview(order);
    EXPECT_EQ(in_vain.count, 0);
    EXPECT_EQ(in_vain.left_out, (ReplayObstacles{0, 0, 2}));
    order.to = "sea";
    const ReplayPreview seen = w.preview(order);
    EXPECT_EQ(seen.count, 1);
    EXPECT_EQ(seen.left_out, (ReplayObstacles{1, 0, 0}));
    EXPECT_EQ(seen.call_ids, std::vector<std::string>{sid_number(2)});
    const auto begun = w.start(order, seen.token);
    ASSERT_TRUE(begun);
    w.run_for(seconds{5});
    EXPECT_EQ(w.job(begun->id).released, 1);
    EXPECT_EQ(w.job(begun->id).skipped, 0);
}

TEST(Replayer, gives_up_what_is_parked_for_a_destination_that_no_settings_name) {
    Replays w;
    w.reject(2);
    const auto now = w.clock.now();
    StoreOp removed = SetDestination{"crm", DestinationState::removed, now};
    ASSERT_TRUE(w.store.commit(std::span(&removed, 1), now));
    ReplayOrder order;
    order.filter.destination = "crm";
    order.gives_up = true;
    const ReplayPreview seen = w.preview(order);
    EXPECT_EQ(seen.count, 2);
    const auto begun = w.start(order, seen.token);
    ASSERT_TRUE(begun);
    w.run_for(seconds{5});
    EXPECT_EQ(w.job(begun->id).state, ReplayState::done);
    EXPECT_EQ(w.job(begun->id).given_up, 2);
    EXPECT_EQ(w.story(sid_number(1)).call.parked, ParkReason::given_up);
    EXPECT_EQ(w.crm.requests.size(), 2U);
}

TEST(Replayer, releases_nothing_after_it_was_cancelled) {
    Replays w;
    w.reject(1'200);
    ASSERT_TRUE(w.await(w.service.set_destination("crm", DestinationState::paused)));
    const auto begun = w.start({}, w.preview({}).token);
    ASSERT_TRUE(begun);
    w.run_for(seconds{1});
    ASSERT_EQ(w.job(begun->id).released, 100);
    EXPECT_EQ(w.await(w.replayer.cancel(begun->id))->state, ReplayState::cancelled);
    w.run_for(seconds{1});
    EXPECT_EQ(w.await(w.replayer.cancel(begun->id))->state, ReplayState::cancelled);
    EXPECT_EQ(std::ranges::count(w.log.messages, "a replay was cancelled"), 1);
    ASSERT_TRUE(w.await(w.service.set_destination("crm", DestinationState::active)));
    w.run_for(seconds{60});
    EXPECT_EQ(w.job(begun->id).accepted, 100);
    EXPECT_EQ(w.crm.requests.size(), 1'300U);
    EXPECT_EQ(w.await(w.replayer.cancel(99)).error().code, Errc::not_found);
}

TEST(Replayer, goes_on_with_what_another_process_began) {
    Replays w;
    w.reject(3);
    const ReplayPreview seen = w.preview({});
    const auto token = parse_token(seen.token);
    ASSERT_TRUE(token);
    StoreOp op = StartReplay{{}, seen.token, "", 3, token->last_id, 3, w.clock.now()};
    ASSERT_TRUE(w.store.commit(std::span(&op, 1), w.clock.now()));
    Replayer next({w.clock, w.store, w.reads, w.reads, w.commits, w.log}, w.io.get_executor(),
                  {{"crm", true, {}}});
    spawn_root(w.io.get_executor(), next.run());
    w.run_for(seconds{5});
    EXPECT_EQ(w.crm.requests.size(), 6U);
    EXPECT_EQ(w.await(next.list())->front().state, ReplayState::done);
    next.stop();
    w.run_for(seconds{1});
}

TEST(Replayer, tries_an_accepted_one_again_until_it_is_taken) {
    Replays w;
    w.busy(sid_a);
    w.run_for(seconds{1});
    ReplayOrder order;
    order.is_again = true;
    w.crm.answers = {ScriptedCrm::status(503)};
    const auto begun = w.start(order, w.preview(order).token);
    ASSERT_TRUE(begun);
    w.run_for(seconds{60});
    EXPECT_EQ(w.job(begun->id).accepted, 1);
    EXPECT_EQ(w.crm.requests.size(), 3U);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST(ReplayToken, is_of_its_order) {
    ReplayOrder order;
    order.filter.campaign = "Spring";
    const ReplayToken token{12, 99, t0};
    const std::string text = render_token(token, order);
    EXPECT_EQ(parse_token(text), token);
    EXPECT_TRUE(is_token_of(text, order));
    order.filter.campaign = "Autumn";
    EXPECT_FALSE(is_token_of(text, order));
    for (const char* const bad : {"", "1-2-3", "a-2-3-0123456789abcdef", "1-2-3-4"}) {
        EXPECT_FALSE(parse_token(bad)) << bad;
    }
}

}  // namespace
}  // namespace wrapup
