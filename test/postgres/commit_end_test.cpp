// The third end of a commit: nobody knows. A server that waits for a standby which is not there
// says "done" when that wait is broken off, and nothing at all otherwise.

#include <atomic>
#include <map>
#include <thread>

#include "test/postgres/fixture.hpp"
#include "test/store/operations.hpp"

namespace wrapup {
namespace {

struct Counts final : Metrics {
    void count(Counter counter, std::string_view label) override {
        EXPECT_TRUE(is_known_label(counter, label)) << label;
        counts[{counter, std::string(label)}] += 1;
    }
    void observe(Histogram histogram, double value) override { seen[histogram].push_back(value); }
    std::map<std::pair<Counter, std::string>, int> counts;
    std::map<Histogram, std::vector<double>> seen;
};

class CommitEnd : public PostgresTest {
protected:
    void SetUp() override {
        PostgresTest::SetUp();
        store = open(milliseconds{20'000});
        ASSERT_NE(store, nullptr);
        wait_for_standby("ANY 1 (nobody)");
    }
    void TearDown() override { wait_for_standby(""); }

    static void wait_for_standby(const std::string& names) {
        server().set("synchronous_standby_names", names);
    }
    std::unique_ptr<PostgresStore> open(milliseconds commit_deadline) {
        return open_postgres({.url = url, .commit_deadline = commit_deadline});
    }
    static std::string waits_count() {
        return server().ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    }
    // Does `what` to the first that waits for a standby while `work` is done.
    static auto break_wait(const std::string& what, const auto& work) {
        std::atomic<bool> is_over = false;
        std::thread breaks([&] {
            const std::string sql = "SELECT count(" + what + "(pid)) FROM pg_stat_activity" +
                                    " WHERE wait_event = 'SyncRep'";
            while (!is_over && server().ask(sql) != "1") {
            }
        });
        auto result = work();
        is_over = true;
        breaks.join();
        return result;
    }
    static Result<std::vector<StoreOutcome>> commit(PostgresStore& to, const StoreOp& op) {
        return to.commit(std::span(&op, 1), t0);
    }
    static Result<std::vector<StoreOutcome>> append(PostgresStore& to) {
        return commit(to, AppendEvent{event_of("CA1", "a")});
    }
    template <class Value>
    void expect_unavailable(const Result<Value>& result) {
        ASSERT_FALSE(result) << "was acknowledged without a standby";
        EXPECT_EQ(result.error().code, Errc::unavailable);
    }

    // A call whose record is fixed; its delivery is due, or born claimed.
    static Result<std::vector<StoreOutcome>> settle(PostgresStore& to,
                                                    std::optional<milliseconds> claimed_for) {
        const auto claimed = to.claim_call("CA1", t0, lease);
        if (!claimed) return claimed.error();
        SettleCall op = answer_to(*claimed);
        SettleCall::Fix fix = fix_of();
        fix.deliveries[0].lease = claimed_for;
        op.then = std::move(fix);
        return commit(to, op);
    }
    static void let_all_commits_end() {
        wait_for_standby("");
        while (waits_count() != "0") {
        }
    }
    static void expect_due_and_never_sent(PostgresStore& at) {
        const auto claimed = at.claim_deliveries("crm", t0, lease, 10, {});
        ASSERT_TRUE(claimed) << claimed.error().detail;
        ASSERT_EQ(claimed->claimed.size(), 1U);
        EXPECT_FALSE(claimed->claimed.front().unresolved_since);
    }

    std::unique_ptr<PostgresStore> store;
};

TEST_F(CommitEnd, a_wait_that_is_cancelled_is_no_yes) {
    expect_unavailable(break_wait("pg_cancel_backend", [&] { return append(*store); }));
    // Visible, and yet on no standby.
    EXPECT_TRUE(store->find_story("CA1"));
}

TEST_F(CommitEnd, a_wait_whose_process_is_ended_is_no_yes) {
    expect_unavailable(break_wait("pg_terminate_backend", [&] { return append(*store); }));
}

TEST_F(CommitEnd, a_wait_ends_at_our_own_deadline_and_nothing_is_cancelled) {
    const auto hasty = open(milliseconds{100});
    expect_unavailable(append(*hasty));
    EXPECT_EQ(waits_count(), "1");
    EXPECT_FALSE(store->find_story("CA1"));
    wait_for_standby("");
    const auto again = append(*hasty);
    ASSERT_TRUE(again) << again.error().detail;
}

TEST_F(CommitEnd, is_counted_and_a_batch_costs_three_round_trips) {
    Counts metrics;
    const auto hasty = open(milliseconds{100});
    hasty->meter().count_with(&metrics);
    expect_unavailable(append(*hasty));
    EXPECT_EQ((metrics.counts[{Counter::database_commits, "unknown"}]), 1);
    EXPECT_TRUE(metrics.seen[Histogram::database_commit_seconds].empty());
    wait_for_standby("");
    const auto again = append(*hasty);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ((metrics.counts[{Counter::database_commits, "done"}]), 1);
    EXPECT_EQ((metrics.counts[{Counter::database_connects, "ok"}]), 1);
    EXPECT_EQ(metrics.seen[Histogram::database_commit_seconds].size(), 1U);
    EXPECT_EQ(metrics.seen[Histogram::database_round_trips], std::vector<double>{3});
    EXPECT_TRUE(hasty->meter().standing().is_up);
    EXPECT_EQ(hasty->meter().standing().timeline, 1);
}

TEST_F(CommitEnd, a_repeat_of_what_is_there_waits_as_well) {
    expect_unavailable(break_wait("pg_cancel_backend", [&] { return append(*store); }));
    // Whichever node it comes to.
    const auto other = open(milliseconds{100});
    expect_unavailable(append(*other));
    wait_for_standby("");
    const auto again = append(*store);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_TRUE(std::get<Appended>(*again->front()).is_repeat);
}

// It locks no row, and would write nothing.
TEST_F(CommitEnd, a_repeat_that_only_looks_waits_as_well) {
    StartReplay op;
    op.token = "again";
    op.at = t0;
    expect_unavailable(break_wait("pg_cancel_backend", [&] { return commit(*store, op); }));
    ASSERT_TRUE(store->find_replay(1));
    const auto other = open(milliseconds{100});
    expect_unavailable(commit(*other, op));
}

TEST_F(CommitEnd, what_it_claimed_is_given_back) {
    wait_for_standby("");
    const auto hasty = open(milliseconds{100});
    ASSERT_TRUE(append(*hasty));
    ASSERT_TRUE(settle(*hasty, std::nullopt));
    wait_for_standby("ANY 1 (nobody)");
    expect_unavailable(hasty->claim_deliveries("crm", t0, lease, 10, {}));
    // As long as nobody can see it, it stays remembered, and stops nothing.
    ASSERT_TRUE(hasty->claim_calls(t0, lease, 10));
    let_all_commits_end();
    expect_due_and_never_sent(*hasty);
}

TEST_F(CommitEnd, what_was_born_claimed_is_given_back) {
    wait_for_standby("");
    const auto hasty = open(milliseconds{100});
    ASSERT_TRUE(append(*hasty));
    wait_for_standby("ANY 1 (nobody)");
    expect_unavailable(settle(*hasty, lease));
    let_all_commits_end();
    expect_due_and_never_sent(*hasty);
}

// Its number is another claim's by then.
TEST_F(CommitEnd, what_somebody_claimed_since_is_his) {
    wait_for_standby("");
    const auto hasty = open(milliseconds{100});
    ASSERT_TRUE(append(*hasty));
    ASSERT_TRUE(settle(*hasty, std::nullopt));
    wait_for_standby("ANY 1 (nobody)");
    expect_unavailable(hasty->claim_deliveries("crm", t0, lease, 10, {}));
    let_all_commits_end();
    ASSERT_TRUE(store->void_leases(t0));
    const auto others = store->claim_deliveries("crm", t0, lease, 10, {});
    ASSERT_TRUE(others);
    ASSERT_EQ(others->claimed.size(), 1U);
    const auto none = hasty->claim_deliveries("crm", t0, lease, 10, {});
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->claimed.empty());
    FinishAttempt end;
    end.delivery_id = others->claimed.front().delivery.id;
    end.fence = others->claimed.front().fence;
    end.attempt = attempt_of(AttemptOutcome::accepted, 200);
    end.then = FinishAttempt::Accept{};
    const auto ended = commit(*store, end);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->front()) << "the claim was taken from its holder";
}

}  // namespace
}  // namespace wrapup
