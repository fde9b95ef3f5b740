#pragma once

// Replays: what they find, release and count.

#include "domain/failure.hpp"
#include "domain/sample_call.hpp"
#include "test/store_conformance.hpp"

namespace wrapup {

class ReplayConformance : public StoreConformance {
protected:
    // A call whose delivery is parked.
    void make_parked(const std::string& id, ParkReason reason = ParkReason::rejected,
                     const std::string& destination = "crm") {
        make_fixed(id, fix_of({destination}));
        const ClaimedDelivery claimed = claim_one_delivery(t0, destination);
        finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::refused, 422),
                FinishAttempt::Park{reason}});
    }
    void make_accepted(const std::string& id) {
        make_fixed(id);
        end_one(AttemptOutcome::accepted, FinishAttempt::Accept{});
    }
    void end_one(AttemptOutcome outcome, decltype(FinishAttempt::then) then,
                 const std::string& destination = "crm") {
        const auto claimed = claim_due(destination, t0, lease, 1);
        ASSERT_TRUE(claimed);
        ASSERT_EQ(claimed->size(), 1U);
        const ClaimedDelivery& one = claimed->front();
        finish({one.delivery.id, one.fence, attempt_of(outcome, 200), then});
    }
    ReplayWalk walk(const ReplayOrder& order, int limit = 100) {
        const auto found = store->walk_replay(order, 0, std::int64_t{1} << 40, limit);
        EXPECT_TRUE(found);
        return found ? *found : ReplayWalk{};
    }
    Strings found(const ReplayOrder& order) {
        Strings ids;
        for (const ReplayCandidate& one : walk(order).found) ids.push_back(one.call_id);
        return ids;
    }
    ReplayJob start(const ReplayOrder& order, const std::string& token = "token") {
        const ReplayWalk all = walk(order);
        const auto count = std::ssize(all.found);
        return replayed(StartReplay{order, token, "mended", count, all.last, count, t0}).job;
    }
    Replayed replayed(const StoreOp& op) {
        const auto outcome = commit_one(op);
        EXPECT_TRUE(outcome) << outcome.error().detail;
        return outcome ? std::get<Replayed>(*outcome) : Replayed{};
    }
    Replayed advance(std::int64_t id, int slice = 100, std::int64_t open_max = 100) {
        return replayed(AdvanceReplay{id, {}, t0, slice, open_max});
    }
    ReplayJob job(std::int64_t id) { return *store->find_replay(id); }

    const ReplayOrder parked{};
};

TEST_P(ReplayConformance, a_replay_finds_what_is_parked) {
    make_parked("CA1");
    make_accepted("CA2");
    make_parked("CA3", ParkReason::unknown_outcome);
    make_parked("CA4", ParkReason::dead);
    make_fixed("CA5");
    EXPECT_EQ(found(parked), (Strings{"CA1", "CA4"}));
    ReplayOrder order;
    order.filter.parked = ParkReason::unknown_outcome;
    EXPECT_EQ(found(order), Strings{"CA3"});
    order = {};
    order.is_again = true;
    EXPECT_EQ(found(order), (Strings{"CA1", "CA2", "CA4"}));
    order.filter.state = DeliveryState::accepted;
    EXPECT_EQ(found(order), Strings{"CA2"});
    order = {};
    order.filter.state = DeliveryState::pending;
    EXPECT_EQ(found(order), Strings{"CA5"});
    order = {};
    order.filter.destination = "lake";
    EXPECT_EQ(found(order), Strings{});
    order = {};
    order.filter.outcome = Outcome::voicemail;
    EXPECT_EQ(found(order), Strings{});
    order = {};
    order.filter.before = t0;
    EXPECT_EQ(found(order), Strings{});
    order.filter.before.reset();
    order.filter.after = t0;
    EXPECT_EQ(found(order), (Strings{"CA1", "CA4"}));
}

TEST_P(ReplayConformance, a_replay_finds_what_failed_in_the_same_way) {
    make_parked("CA1");
    make_fixed("CA2");
    const ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::failed, 500),
            FinishAttempt::Park{}});
    ReplayOrder order;
    order.filter.fingerprint = fingerprint_of("crm", attempt_of(AttemptOutcome::failed, 500));
    EXPECT_EQ(found(order), Strings{"CA2"});
}

TEST_P(ReplayConformance, a_walk_goes_on_where_it_was) {
    for (const char* const id : {"CA1", "CA2", "CA3"}) make_parked(id);
    const ReplayWalk first = walk(parked, 2);
    EXPECT_EQ(first.found.size(), 2U);
    EXPECT_EQ(first.last, 3);
    const auto rest = store->walk_replay(parked, first.reached, first.last, 2);
    ASSERT_TRUE(rest);
    ASSERT_EQ(rest->found.size(), 1U);
    EXPECT_EQ(rest->found.front().call_id, "CA3");
    EXPECT_EQ(rest->reached, first.last);
}

TEST_P(ReplayConformance, a_job_releases_each_once_and_counts_what_became_of_it) {
    for (const char* const id : {"CA1", "CA2", "CA3"}) make_parked(id);
    const ReplayJob begun = start(parked);
    EXPECT_EQ(begun.state, ReplayState::running);
    EXPECT_EQ(begun.count, 3);
    EXPECT_EQ(begun.reason, "mended");
    const Replayed first = advance(begun.id, 2);
    EXPECT_EQ(first.released, 2);
    EXPECT_TRUE(first.has_more);
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
    EXPECT_EQ(story("CA3").call.state, CallState::parked);
    end_one(AttemptOutcome::accepted, FinishAttempt::Accept{});
    end_one(AttemptOutcome::refused, FinishAttempt::Park{ParkReason::rejected});
    const Replayed second = advance(begun.id, 2);
    EXPECT_EQ(second.released, 1);
    EXPECT_FALSE(second.has_more);
    EXPECT_EQ(advance(begun.id, 2).released, 0);
    EXPECT_EQ(job(begun.id).state, ReplayState::running);
    end_one(AttemptOutcome::accepted, FinishAttempt::Accept{});
    const ReplayJob done = job(begun.id);
    EXPECT_EQ(done.state, ReplayState::done);
    EXPECT_EQ(done.ended_at, t0);
    EXPECT_EQ(done.accepted, 2);
    EXPECT_EQ(done.failed, 1);
    EXPECT_EQ(done.skipped, 0);
    EXPECT_TRUE(claim_due("crm", t0 + lease, lease, 10)->empty());
}

TEST_P(ReplayConformance, a_job_keeps_few_open_at_a_time) {
    for (const char* const id : {"CA1", "CA2", "CA3"}) make_parked(id);
    const ReplayJob begun = start(parked);
    EXPECT_EQ(advance(begun.id, 100, 2).released, 2);
    const Replayed full = advance(begun.id, 100, 2);
    EXPECT_EQ(full.released, 0);
    EXPECT_TRUE(full.has_more);
}

TEST_P(ReplayConformance, a_job_begins_once) {
    make_parked("CA1");
    const ReplayJob begun = start(parked);
    advance(begun.id);
    end_one(AttemptOutcome::accepted, FinishAttempt::Accept{});
    EXPECT_EQ(start(parked).id, begun.id);
    EXPECT_NE(start(parked, "another").id, begun.id);
    const auto jobs = store->list_replays(std::nullopt, 10);
    ASSERT_TRUE(jobs);
    ASSERT_EQ(jobs->size(), 2U);
    EXPECT_EQ(jobs->back().id, begun.id);
    EXPECT_EQ(store->list_replays(ReplayState::running, 10)->size(), 0U);
}

TEST_P(ReplayConformance, a_job_does_not_begin_when_more_is_found_than_was_seen) {
    make_parked("CA1");
    EXPECT_EQ(refusal(StartReplay{parked, "token", "", 2, 9, 1, t0}), Errc::conflict);
    EXPECT_TRUE(store->list_replays(std::nullopt, 10)->empty());
    const ReplayJob begun = start(parked);
    StartReplay repeated{parked, "token", "", 2, 9, 1, t0};
    EXPECT_EQ(replayed(repeated).job.id, begun.id);
}

TEST_P(ReplayConformance, what_was_delivered_meanwhile_is_skipped) {
    make_parked("CA1");
    make_parked("CA2");
    const ReplayJob begun = start(parked);
    const auto claimed = store->claim_delivery(1, t0, lease);
    ASSERT_TRUE(claimed);
    finish({1, claimed->fence, attempt_of(AttemptOutcome::accepted, 200), FinishAttempt::Accept{}});
    EXPECT_EQ(advance(begun.id).released, 1);
    EXPECT_EQ(job(begun.id).skipped, 1);
}

TEST_P(ReplayConformance, a_cancelled_job_releases_nothing_more) {
    make_parked("CA1");
    make_parked("CA2");
    const ReplayJob begun = start(parked);
    advance(begun.id, 1);
    EXPECT_EQ(replayed(CancelReplay{begun.id, t0}).job.state, ReplayState::cancelled);
    EXPECT_EQ(advance(begun.id).released, 0);
    end_one(AttemptOutcome::accepted, FinishAttempt::Accept{});
    EXPECT_EQ(job(begun.id).accepted, 1);
    EXPECT_EQ(job(begun.id).state, ReplayState::cancelled);
    EXPECT_EQ(story("CA2").call.state, CallState::parked);
    EXPECT_EQ(refusal(CancelReplay{99, t0}), Errc::not_found);
    EXPECT_EQ(refusal(AdvanceReplay{99, {}, t0}), Errc::not_found);
}

TEST_P(ReplayConformance, what_was_accepted_is_sent_again_and_stays_accepted) {
    make_accepted("CA1");
    make_accepted("CA2");
    ReplayOrder order;
    order.is_again = true;
    const ReplayJob begun = start(order);
    EXPECT_EQ(advance(begun.id).released, 2);
    EXPECT_EQ(story("CA1").call.state, CallState::delivered);
    EXPECT_EQ(found(order), Strings{});
    const auto claimed = claim_due("crm", t0, lease, 1);
    ASSERT_EQ(claimed->size(), 1U);
    EXPECT_EQ(claimed->front().delivery.state, DeliveryState::accepted);
    finish({1, claimed->front().fence, attempt_of(AttemptOutcome::failed, 503),
            FinishAttempt::RetryAt{t0 + seconds{5}, true}});
    end_one(AttemptOutcome::failed, FinishAttempt::Keep{});
    EXPECT_EQ(job(begun.id).failed, 1);
    EXPECT_EQ(store->next_delivery_due("crm").value(), t0 + seconds{5});
    const auto again = claim_due("crm", t0 + seconds{5}, lease, 1);
    ASSERT_EQ(again->size(), 1U);
    finish({1, again->front().fence, attempt_of(AttemptOutcome::accepted, 200),
            FinishAttempt::Keep{}});
    EXPECT_EQ(job(begun.id).accepted, 1);
    EXPECT_EQ(job(begun.id).state, ReplayState::done);
    EXPECT_EQ(story("CA1").deliveries.front().delivery.state, DeliveryState::accepted);
    EXPECT_EQ(store->next_delivery_due("crm").value(), std::nullopt);
}

TEST_P(ReplayConformance, a_destination_that_is_gone_ends_what_was_released) {
    make_parked("CA1");
    make_accepted("CA2");
    ReplayOrder order;
    order.is_again = true;
    const ReplayJob begun = start(order);
    advance(begun.id);
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::gone, t0}));
    EXPECT_EQ(job(begun.id).failed, 2);
    EXPECT_EQ(job(begun.id).state, ReplayState::done);
    EXPECT_EQ(story("CA1").call.parked, ParkReason::destination_gone);
    EXPECT_EQ(story("CA2").call.state, CallState::delivered);
}

TEST_P(ReplayConformance, records_of_a_destination_that_is_removed_go_to_another) {
    make_fixed("CA1", fix_of({"lake"}));
    make_fixed("CA2", fix_of({"lake", "sea"}));
    EXPECT_TRUE(commit_one(SetDestination{"lake", DestinationState::removed, t0}));
    ReplayOrder order;
    order.filter.destination = "lake";
    const ReplayJob in_vain = start(order, "in vain");
    EXPECT_EQ(advance(in_vain.id).released, 0);
    EXPECT_EQ(job(in_vain.id).skipped, 2);
    EXPECT_EQ(job(in_vain.id).skips(), (ReplayObstacles{0, 0, 2}));
    order.to = "sea";
    const ReplayJob begun = start(order);
    EXPECT_EQ(advance(begun.id).released, 1);
    EXPECT_EQ(job(begun.id).skipped, 1);
    EXPECT_EQ(job(begun.id).skips(), (ReplayObstacles{1, 0, 0}));
    const Delivery moved = story("CA1").deliveries.front().delivery;
    EXPECT_EQ(moved.destination, "sea");
    EXPECT_EQ(moved.state, DeliveryState::pending);
    EXPECT_EQ(moved.webhook_id, "msg_1");
    EXPECT_EQ(story("CA1").call.note, "moved from lake to sea");
    EXPECT_EQ(store->counts()->destinations.at("lake").parked, 1);
}

TEST_P(ReplayConformance, a_record_that_moves_says_where_its_attempts_went) {
    make_parked("CA1");
    make_parked("CA2");
    ReplayOrder order;
    order.filter.destination = "crm";
    order.to = "sea";
    const ReplayJob unwanted = start(order, "unwanted");
    AdvanceReplay advance_unwanted{unwanted.id, {}, t0};
    advance_unwanted.only.campaigns = {"Autumn"};
    EXPECT_TRUE(commit_one(advance_unwanted));
    EXPECT_EQ(job(unwanted.id).skipped, 2);
    EXPECT_EQ(job(unwanted.id).skips(), (ReplayObstacles{0, 2, 0}));
    EXPECT_EQ(story("CA1").deliveries.front().delivery.destination, "crm");
    const ReplayJob begun = start(order);
    EXPECT_EQ(advance(begun.id).released, 2);
    EXPECT_EQ(story("CA1").call.note, "moved from crm to sea");
    EXPECT_EQ(story("CA1").deliveries.front().attempts.front().destination, "crm");
    end_one(AttemptOutcome::failed, FinishAttempt::Park{ParkReason::dead}, "sea");
    order.filter.destination = "sea";
    order.to = "lake";
    const ReplayJob further = start(order, "further");
    EXPECT_EQ(advance(further.id).released, 1);
    end_one(AttemptOutcome::accepted, FinishAttempt::Accept{}, "lake");
    const auto attempts = story("CA1").deliveries.front().attempts;
    ASSERT_EQ(attempts.size(), 3U);
    EXPECT_EQ(attempts[0].destination, "crm");
    EXPECT_EQ(attempts[1].destination, "sea");
    EXPECT_EQ(attempts[2].destination, "lake");
}

TEST_P(ReplayConformance, an_attempt_that_ends_as_its_record_moves_stays_where_it_was_made) {
    make_parked("CA1");
    const auto claimed = store->claim_delivery(1, t0, lease);
    ASSERT_TRUE(claimed);
    ReplayOrder order;
    order.filter.destination = "crm";
    order.to = "sea";
    const std::vector<StoreOp> ops{
        FinishAttempt{1, claimed->fence, attempt_of(AttemptOutcome::refused, 422),
                      FinishAttempt::Park{ParkReason::rejected}},
        StartReplay{order, "token", "mended", 1, 1, 1, t0}, AdvanceReplay{1, {}, t0}};
    ASSERT_TRUE(store->commit(ops, t0));
    const DeliveryStory moved = story("CA1").deliveries.front();
    EXPECT_EQ(moved.delivery.destination, "sea");
    ASSERT_EQ(moved.attempts.size(), 2U);
    EXPECT_EQ(moved.attempts.front().destination, "crm");
    EXPECT_EQ(moved.attempts.back().destination, "crm");
}

TEST_P(ReplayConformance, a_walk_says_what_another_destination_has_or_does_not_want) {
    make_fixed("CA1", fix_of({"lake", "sea"}));
    make_fixed("CA2", fix_of({"lake"}));
    EXPECT_TRUE(commit_one(SetDestination{"lake", DestinationState::removed, t0}));
    ReplayOrder order;
    order.filter.destination = "lake";
    order.to = "sea";
    const auto all = walk(order).found;
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(obstacle_to(order, all[0], false), ReplayObstacle::there);
    EXPECT_EQ(obstacle_to(order, all[1], false), std::nullopt);
    EXPECT_EQ(obstacle_to(order, all[1], true), ReplayObstacle::lost);
    order.only.campaigns = {"Autumn"};
    EXPECT_EQ(obstacle_to(order, all[1], false), ReplayObstacle::unwanted);
}

TEST_P(ReplayConformance, what_was_known_to_be_left_out_is_not_skipped) {
    make_fixed("CA1", fix_of({"lake", "sea"}));
    make_fixed("CA2", fix_of({"lake"}));
    EXPECT_TRUE(commit_one(SetDestination{"lake", DestinationState::removed, t0}));
    ReplayOrder order;
    order.filter.destination = "lake";
    order.to = "sea";
    StartReplay begin{order, "token", "", 1, walk(order).last, 1, t0};
    begin.left_out.there = 1;
    const ReplayJob begun = replayed(begin).job;
    while (advance(begun.id).has_more) {
    }
    EXPECT_EQ(job(begun.id).released, 1);
    EXPECT_EQ(job(begun.id).skipped, 0);
    EXPECT_EQ(job(begun.id).skips(), ReplayObstacles{});
    EXPECT_EQ(job(begun.id).left_out.there, 1);
}

TEST_P(ReplayConformance, what_is_given_up_is_owed_no_more) {
    make_fixed("CA1", fix_of({"lake", "sea"}));
    make_fixed("CA2", fix_of({"lake"}));
    end_one(AttemptOutcome::accepted, FinishAttempt::Accept{}, "sea");
    EXPECT_TRUE(commit_one(SetDestination{"lake", DestinationState::removed, t0}));
    EXPECT_EQ(story("CA1").call.state, CallState::parked);
    ReplayOrder order;
    order.filter.destination = "lake";
    order.gives_up = true;
    const ReplayJob begun = start(order);
    EXPECT_EQ(advance(begun.id).released, 2);
    const ReplayJob done = job(begun.id);
    EXPECT_EQ(done.state, ReplayState::done);
    EXPECT_EQ(done.given_up, 2);
    EXPECT_EQ(done.accepted + done.failed + done.skipped, 0);
    EXPECT_TRUE(done.order.gives_up);
    EXPECT_EQ(story("CA1").call.state, CallState::delivered);
    EXPECT_EQ(story("CA1").call.note, "given up for lake by replay 1");
    EXPECT_EQ(story("CA1").deliveries.front().delivery.parked, ParkReason::given_up);
    EXPECT_EQ(story("CA2").call.state, CallState::parked);
    EXPECT_EQ(story("CA2").call.parked, ParkReason::given_up);
    const auto counts = store->counts();
    ASSERT_TRUE(counts);
    EXPECT_FALSE(counts->destinations.contains("lake"));
    EXPECT_EQ(store->check_integrity().value(), std::vector<std::string>{});
    EXPECT_EQ(found({}), Strings{}) << "nor is it sent with the others";
    // The settings name it again: what was given up stays so, unless it is named.
    EXPECT_TRUE(commit_one(SetDestination{"lake", DestinationState::active, t0}));
    EXPECT_EQ(story("CA2").call.parked, ParkReason::given_up);
    ReplayOrder again;
    again.filter.parked = ParkReason::given_up;
    EXPECT_EQ(found(again), (Strings{"CA1", "CA2"}));
    EXPECT_EQ(advance(start(again, "again").id).released, 2);
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
}

TEST_P(ReplayConformance, earlier_records_go_to_a_new_destination) {
    make_accepted("CA1");
    make_fixed("CA2", fix_of({"crm", "sea"}));
    make_fixed("CA3", fix_of({}));
    append(event_of("CA4", "completed"));
    ReplayOrder order;
    order.filter.destination = "sea";
    order.is_earlier = true;
    EXPECT_EQ(found(order), (Strings{"CA1", "CA3"}));
    const ReplayJob begun = start(order);
    EXPECT_EQ(advance(begun.id).released, 2);
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
    EXPECT_EQ(story("CA3").call.state, CallState::delivering);
    const auto claimed = claim_due("sea", t0, lease, 10);
    ASSERT_EQ(claimed->size(), 3U);
    for (const ClaimedDelivery& one : *claimed) {
        EXPECT_EQ(one.delivery.body, fix_of().body);
        EXPECT_FALSE(one.delivery.webhook_id.empty());
        finish({one.delivery.id, one.fence, attempt_of(AttemptOutcome::accepted, 200),
                FinishAttempt::Accept{}});
    }
    EXPECT_EQ(job(begun.id).accepted, 2);
    EXPECT_EQ(job(begun.id).state, ReplayState::done);
    EXPECT_EQ(found(order), Strings{});
}

TEST_P(ReplayConformance, no_replay_finds_a_sample) {
    make_fixed(sample_call_sid("0123456789abcde", true), fix_of({}));
    make_parked(sample_call_sid("123456789abcdef", false));
    make_accepted(sample_call_sid("edcba9876543210", false));
    make_fixed(sample_call_sid("fedcba987654321", false));
    ReplayOrder order;
    order.filter.destination = "sea";
    order.is_earlier = true;
    EXPECT_EQ(found(order), Strings{});
    order = {};
    order.is_again = true;
    EXPECT_EQ(found(order), Strings{});
    order = {};
    order.filter.parked = ParkReason::given_up;
    EXPECT_EQ(found(order), Strings{});
    order = {};
    order.filter.state = DeliveryState::pending;
    EXPECT_EQ(found(order), Strings{});
    EXPECT_EQ(start(order).count, 0);
}

TEST_P(ReplayConformance, what_is_pending_at_a_disabled_destination_is_parked_as_that) {
    make_fixed("CA1");
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::disabled, t0}));
    EXPECT_EQ(story("CA1").call.parked, ParkReason::disabled);
    make_fixed("CA2");
    EXPECT_EQ(story("CA2").call.parked, ParkReason::disabled);
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::active, t0}));
    EXPECT_EQ(story("CA1").call.parked, ParkReason::disabled);
    const ReplayJob begun = start(parked);
    EXPECT_EQ(advance(begun.id).released, 2);
}

}  // namespace wrapup
