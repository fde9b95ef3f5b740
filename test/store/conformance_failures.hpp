#pragma once

// Store conformance: groups of failures.

#include "domain/failure.hpp"
#include "test/store_conformance.hpp"

namespace wrapup {

class StoreFailures : public StoreConformance {
protected:
    static Attempt attempt_saying(const std::string& answer, UtcTime at = t0) {
        Attempt attempt = attempt_of(AttemptOutcome::refused, 422);
        attempt.answer = answer;
        attempt.started_at = at;
        return attempt;
    }
    // The oldest delivery that is due fails so.
    void fail_one(const Attempt& attempt,
                  decltype(FinishAttempt::then) then = FinishAttempt::Park{}) {
        const auto claimed = claim_due("crm", t0, lease, 1);
        ASSERT_TRUE(claimed);
        ASSERT_EQ(claimed->size(), 1U);
        finish({claimed->front().delivery.id, claimed->front().fence, attempt, std::move(then)});
    }
    std::vector<FailureGroup> groups(int limit = 10) { return store->list_failures(limit)->groups; }
};

TEST_P(StoreFailures, what_fails_in_one_way_is_one_group) {
    EXPECT_TRUE(groups().empty());
    for (const char* const id : {"CA1", "CA2", "CA3"}) make_fixed(id);
    fail_one(attempt_saying("row 1 is full"));
    fail_one(attempt_saying("row 2 is full", t0 + seconds{9}));
    fail_one(attempt_saying("no such row"));
    const auto list = groups();
    ASSERT_EQ(list.size(), 2U);
    FailureGroup wanted;
    wanted.fingerprint = fingerprint_of("crm", attempt_saying("row 1 is full"));
    wanted.destination = "crm";
    wanted.outcome = AttemptOutcome::refused;
    wanted.http_status = 422;
    wanted.cause = "row # is full";
    wanted.open = 2;
    wanted.first_at = t0;
    wanted.last_at = t0 + seconds{9};
    wanted.sample = "CA2";
    EXPECT_EQ(list[0], wanted);
    EXPECT_EQ(list[1].cause, "no such row");
    EXPECT_EQ(list[1].sample, "CA3");
    EXPECT_EQ(story("CA1").deliveries[0].delivery.fingerprint, wanted.fingerprint);
}

TEST_P(StoreFailures, a_delivery_is_in_the_group_of_its_last_attempt) {
    make_fixed("CA1");
    fail_one(attempt_saying("no such row"), FinishAttempt::RetryAt{t0, true});
    fail_one(attempt_saying("no such row"), FinishAttempt::RetryAt{t0, true});
    ASSERT_EQ(groups().size(), 1U);
    EXPECT_EQ(groups()[0].open, 1);
    fail_one(attempt_saying("the disk is full"), FinishAttempt::RetryAt{t0, true});
    ASSERT_EQ(groups().size(), 1U);
    EXPECT_EQ(groups()[0].cause, "the disk is full");
    fail_one(attempt_of(AttemptOutcome::accepted, 200), FinishAttempt::Accept{});
    EXPECT_TRUE(groups().empty());
    EXPECT_EQ(story("CA1").deliveries[0].delivery.fingerprint, "");
}

TEST_P(StoreFailures, what_is_put_back_or_resumed_keeps_its_cause) {
    make_fixed("CA1");
    fail_one(attempt_saying("no such row"));
    EXPECT_TRUE(commit_one(Unpark{1, t0}));
    EXPECT_EQ(groups()[0].open, 1);
    const auto claimed = store->claim_delivery(1, t0, lease);
    ASSERT_TRUE(claimed);
    finish({1, claimed->fence, std::nullopt, FinishAttempt::Release{}});
    EXPECT_EQ(groups()[0].open, 1);
}

TEST_P(StoreFailures, what_was_never_tried_has_no_cause) {
    SettleCall::Fix fix = fix_of();
    fix.deliveries.front().parked = ParkReason::disabled;
    make_fixed("CA1", fix);
    EXPECT_TRUE(groups().empty());
}

TEST_P(StoreFailures, an_accepted_record_that_fails_again_is_no_failure) {
    make_fixed("CA1");
    fail_one(attempt_of(AttemptOutcome::accepted, 200), FinishAttempt::Accept{});
    const auto claimed = store->claim_delivery(1, t0, lease);
    ASSERT_TRUE(claimed);
    finish({1, claimed->fence, attempt_saying("no such row"), FinishAttempt::Keep{}});
    EXPECT_TRUE(groups().empty());
}

TEST_P(StoreFailures, in_one_batch_groups_add_up) {
    for (const char* const id : {"CA1", "CA2"}) make_fixed(id);
    const auto claimed = *claim_due("crm", t0, lease, 2);
    ASSERT_EQ(claimed.size(), 2U);
    std::vector<StoreOp> ops;
    for (const ClaimedDelivery& one : claimed) {
        ops.emplace_back(FinishAttempt{one.delivery.id, one.fence, attempt_saying("no such row"),
                                       FinishAttempt::Park{}});
    }
    ops.emplace_back(Unpark{claimed[0].delivery.id, t0});
    ASSERT_TRUE(store->commit(ops, t0));
    ASSERT_EQ(groups().size(), 1U);
    EXPECT_EQ(groups()[0].open, 2);
}

TEST_P(StoreFailures, the_largest_groups_come_first) {
    for (const char* const id : {"CA1", "CA2", "CA3", "CA4"}) make_fixed(id);
    for (const char* const answer : {"a", "b", "b", "c"}) fail_one(attempt_saying(answer));
    const FailureList list = *store->list_failures(1);
    ASSERT_EQ(list.groups.size(), 1U);
    EXPECT_EQ(list.groups[0].cause, "b");
    EXPECT_TRUE(list.has_more);
    EXPECT_FALSE(store->list_failures(3)->has_more);
}

}  // namespace wrapup
