// How many statements SQLite runs for what a call takes: the cost of the hot path, counted.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string_view>

#include "adapters/sqlite/store.hpp"
#include "test/store/operations.hpp"
#include "test/store/temporary_folder.hpp"

namespace wrapup {
namespace {

int statements_count = 0;
int rows_written_count = 0;

// Those of the transaction itself are not counted.
int count_statement(unsigned, void*, void*, void* text) {
    const std::string_view sql = static_cast<const char*>(text);
    for (const std::string_view apart : {"BEGIN", "COMMIT", "PRAGMA", "--"}) {
        if (sql.starts_with(apart)) return 0;
    }
    statements_count += 1;
    if (sql.starts_with("INSERT") || sql.starts_with("UPDATE")) rows_written_count += 1;
    return 0;
}

int trace(sqlite3* handle, char**, const sqlite3_api_routines*) {
    return sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, count_statement, nullptr);
}

class SqliteStatements : public testing::Test {
protected:
    using EntryPoint = void (*)();
    void SetUp() override {
        sqlite3_auto_extension(reinterpret_cast<EntryPoint>(trace));
        auto opened = SqliteStore::open({folder.file("wrapup.db"), 0});
        ASSERT_TRUE(opened) << opened.error().detail;
        store = std::move(*opened);
        commit({AppendEvent{event_of("CA0", "a")}});  // Numbers are looked up once.
        statements_count = 0;
        rows_written_count = 0;
    }
    void TearDown() override { sqlite3_cancel_auto_extension(reinterpret_cast<EntryPoint>(trace)); }
    std::vector<StoreOutcome> commit(const std::vector<StoreOp>& ops) {
        statements_count = 0;
        rows_written_count = 0;
        auto outcomes = store->commit(ops, t0);
        EXPECT_TRUE(outcomes);
        return outcomes ? *std::move(outcomes) : std::vector<StoreOutcome>{};
    }
    ClaimedCall claim(const std::string& id) {
        auto claimed = store->claim_call(id, t0, lease);
        EXPECT_TRUE(claimed);
        return claimed ? *std::move(claimed) : ClaimedCall{};
    }
    SettleCall fix_of_call(const std::string& id, std::optional<milliseconds> claimed_for) {
        SettleCall op = answer_to(claim(id));
        SettleCall::Fix fix = fix_of();
        fix.deliveries[0].lease = claimed_for;
        op.then = std::move(fix);
        return op;
    }

    ClaimedDelivery claimed_by_fix(const std::string& id) {
        const auto outcomes = commit({fix_of_call(id, lease)});
        return std::get<Settled>(*outcomes.at(0)).claimed.at(0);
    }
    static FinishAttempt accepted(const ClaimedDelivery& claimed) {
        return {claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::accepted, 200),
                FinishAttempt::Accept{}};
    }

    TemporaryFolder folder;
    std::unique_ptr<SqliteStore> store;
};

// Each: one look-up, the call, its event. Once for all: the counters, the ledger,
// the count of commits.
TEST_F(SqliteStatements, a_new_call_takes_three) {
    std::vector<StoreOp> ops;
    for (int i = 1; i <= 10; ++i)
        ops.push_back(AppendEvent{event_of("CA" + std::to_string(i), "a")});
    commit(ops);
    EXPECT_EQ(statements_count, 3 * 10 + 2 + 1);
}

// One look-up of the call, one of each event, the events, the call, the count of commits.
TEST_F(SqliteStatements, several_events_of_a_call_write_its_row_once) {
    commit({AppendEvent{event_of("CA0", "b")}, AppendEvent{event_of("CA0", "c")},
            AppendEvent{event_of("CA0", "d")}});
    EXPECT_EQ(statements_count, 1 + 3 + 3 + 1 + 1);
    EXPECT_EQ(rows_written_count, 3 + 1 + 1);
    commit({AppendEvent{event_of("CA0", "b")}});
    EXPECT_EQ(rows_written_count, 0);
}

// Each: one look-up, the call, its delivery. Once for all: the destination, the last delivery's
// number (never again after that), the counters, the outcomes, the count of commits.
TEST_F(SqliteStatements, a_fix_takes_three) {
    std::vector<StoreOp> ops;
    for (int i = 1; i <= 10; ++i)
        ops.push_back(AppendEvent{event_of("CA" + std::to_string(i), "a")});
    commit(ops);
    std::vector<StoreOp> fixes;
    for (int i = 1; i <= 10; ++i) {
        fixes.push_back(fix_of_call("CA" + std::to_string(i), lease));
    }
    commit(fixes);
    EXPECT_EQ(statements_count, 3 * 10 + 2 + 2 + 1);
}

// The attempt, the delivery, the call; the counters, the ledger, the count of commits. What the
// batch before left of the call is known.
TEST_F(SqliteStatements, an_end_of_an_attempt_takes_three) {
    commit({accepted(claimed_by_fix("CA0"))});
    EXPECT_EQ(statements_count, 3 + 2 + 1);
    EXPECT_EQ(store->find_story("CA0")->call.state, CallState::delivered);
}

// A claim has changed what was known.
TEST_F(SqliteStatements, an_end_of_an_attempt_behind_a_claim_looks_the_call_up) {
    const ClaimedDelivery first = claimed_by_fix("CA0");
    const auto second = store->claim_delivery(first.delivery.id, t0 + 2 * lease, lease);
    ASSERT_TRUE(second);
    const auto refused = commit({accepted(first)});
    EXPECT_EQ(statements_count, 1);
    EXPECT_EQ(refused.at(0).error().code, Errc::conflict);
    commit({accepted(*second)});
    EXPECT_EQ(statements_count, 3 + 2 + 1);
    const auto story = store->find_story("CA0");
    EXPECT_EQ(story->call.state, CallState::delivered);
    EXPECT_EQ(story->deliveries.at(0).attempts.size(), 1U);
}

// An event that comes while the record is on its way changes the call that the end finds.
TEST_F(SqliteStatements, an_end_of_an_attempt_sees_what_came_meanwhile) {
    const ClaimedDelivery claimed = claimed_by_fix("CA0");
    commit({AppendEvent{event_of("CA0", "late")}});
    commit({accepted(claimed)});
    const auto story = store->find_story("CA0");
    EXPECT_EQ(story->call.state, CallState::delivered);
    EXPECT_EQ(story->call.events_count, 2);
    EXPECT_TRUE(store->check_integrity()->empty());
}

// Whether there are intents at all is asked once.
TEST_F(SqliteStatements, calls_that_nobody_placed_ask_for_no_intents) {
    const auto end_of = [&](const std::string& id) {
        SettleCall op = answer_to(claim(id));
        op.is_over = true;
        op.to = "+14155550100";
        op.then = fix_of({});
        return op;
    };
    commit({AppendEvent{event_of("CA1", "a")}, AppendEvent{event_of("CA2", "a")}});
    commit({end_of("CA0")});
    const int first_count = statements_count;
    commit({end_of("CA1")});
    EXPECT_LT(statements_count, first_count);
    const int without_count = statements_count;
    Intent other;
    other.id = std::string(32, 'a');
    other.to = "+14155550111";
    other.not_after = t0 + lease;
    commit({PutIntent{other, 0, t0}});
    commit({end_of("CA2")});
    EXPECT_GT(statements_count, without_count);
}

// The list, and for each its claim and its events.
TEST_F(SqliteStatements, a_claim_takes_two_and_the_list) {
    std::vector<StoreOp> ops;
    for (int i = 1; i <= 4; ++i)
        ops.push_back(AppendEvent{event_of("CA" + std::to_string(i), "a")});
    commit(ops);
    statements_count = 0;
    EXPECT_EQ(store->claim_calls(t0, lease, 10)->size(), 5U);
    EXPECT_EQ(statements_count, 1 + 2 * 5);
}

}  // namespace
}  // namespace wrapup
