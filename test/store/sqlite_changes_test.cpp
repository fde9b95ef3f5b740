// Which calls a commit says that it changed.

#include <gtest/gtest.h>

#include "adapters/sqlite/store.hpp"
#include "test/store/operations.hpp"
#include "test/store/temporary_folder.hpp"

namespace wrapup {
namespace {

using Changes = std::vector<CallChange>;

class SqliteChanges : public testing::Test {
protected:
    void SetUp() override { open(0); }
    void open(std::int64_t pages_max) {
        store.reset();
        auto opened = SqliteStore::open({folder.file("wrapup.db"), pages_max});
        ASSERT_TRUE(opened) << opened.error().detail;
        store = std::move(*opened);
        store->on_calls_changed([this](Changes changes) { told.push_back(std::move(changes)); });
    }
    // What is told of one commit.
    Changes commit(const std::vector<StoreOp>& ops) {
        told.clear();
        outcomes = *store->commit(ops, t0);
        EXPECT_LE(told.size(), 1U);
        return told.empty() ? Changes{} : told.front();
    }
    ClaimedCall claim(const std::string& id) { return *store->claim_call(id, t0, lease); }
    // The call's one delivery, claimed.
    ClaimedDelivery deliver(const std::string& id) {
        commit({AppendEvent{event_of(id, "a")}});
        SettleCall op = answer_to(claim(id));
        op.then = fix_of();
        EXPECT_EQ(commit({op}), (Changes{{id, CallState::delivering}}));
        const auto& settled = std::get<Settled>(*outcomes.front());
        return *store->claim_delivery(settled.delivery_ids.front(), t0, lease);
    }
    static FinishAttempt end_of(const ClaimedDelivery& claimed, AttemptOutcome outcome) {
        FinishAttempt op;
        op.delivery_id = claimed.delivery.id;
        op.fence = claimed.fence;
        op.attempt = attempt_of(outcome, 200);
        return op;
    }

    TemporaryFolder folder;
    std::unique_ptr<SqliteStore> store;
    std::vector<Changes> told;
    std::vector<StoreOutcome> outcomes;
};

TEST_F(SqliteChanges, are_told_with_the_state_that_the_batch_left) {
    const Changes changes =
        commit({AppendEvent{event_of("CA1", "a")}, AppendEvent{event_of("CA1", "b")},
                AppendEvent{event_of("CA2", "a")}});
    EXPECT_EQ(changes, (Changes{{"CA1", CallState::open}, {"CA2", CallState::open}}));
}

TEST_F(SqliteChanges, are_told_of_attempts) {
    FinishAttempt retry = end_of(deliver("CA1"), AttemptOutcome::failed);
    retry.then = FinishAttempt::RetryAt{t0 + seconds{1}};
    EXPECT_EQ(commit({retry}), (Changes{{"CA1", CallState::delivering}}));
    FinishAttempt end =
        end_of(*store->claim_delivery(retry.delivery_id, t0, lease), AttemptOutcome::accepted);
    end.then = FinishAttempt::Accept{};
    EXPECT_EQ(commit({end}), (Changes{{"CA1", CallState::delivered}}));
}

TEST_F(SqliteChanges, are_told_of_what_a_destination_takes_with_it) {
    deliver("CA1");
    deliver("CA2");
    EXPECT_EQ(commit({SetDestination{"crm", DestinationState::gone, t0}}),
              (Changes{{"CA1", CallState::parked}, {"CA2", CallState::parked}}));
}

TEST_F(SqliteChanges, are_told_of_both_when_two_calls_turn_out_to_be_one) {
    commit({AppendEvent{word_of("conv_1", "a")}});
    commit({AppendEvent{event_of("CA1", "b")}});
    EXPECT_EQ(commit({AppendEvent{word_of("conv_1", "c", "CA1")}}),
              (Changes{{"CA1", CallState::open}, {"conv_1", CallState::merged}}));
}

TEST_F(SqliteChanges, are_none_where_nothing_changed) {
    commit({AppendEvent{event_of("CA1", "a")}});
    const ClaimedCall claimed = claim("CA1");
    EXPECT_TRUE(commit({Probe{}}).empty());
    EXPECT_TRUE(commit({AppendEvent{event_of("CA1", "a")}}).empty()) << "a repeat";
    SettleCall late = answer_to(claimed);
    late.fence -= 1;
    late.then = fix_of();
    EXPECT_TRUE(commit({late}).empty());
    EXPECT_FALSE(outcomes.front());
    EXPECT_TRUE(told.empty());
}

TEST_F(SqliteChanges, are_not_told_of_a_commit_that_failed) {
    commit({AppendEvent{event_of("CA1", "a")}});
    store->limit_pages(1);
    told.clear();
    NewEvent large = event_of("CA2", "a");
    large.payload = "{\"x\":\"" + std::string(400'000, 'x') + "\"}";
    EXPECT_FALSE(store->commit(std::vector<StoreOp>{AppendEvent{large}}, t0));
    EXPECT_TRUE(told.empty());
}

}  // namespace
}  // namespace wrapup
