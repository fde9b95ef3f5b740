// The third end of a commit: nobody knows. A server that waits for a standby which is not there
// says "done" when that wait is broken off, and nothing at all otherwise.

#include <chrono>
#include <thread>

#include "adapters/postgres/store.hpp"
#include "test/postgres/server.hpp"
#include "test/store/operations.hpp"

namespace wrapup {
namespace {

class CommitEnd : public testing::Test {
protected:
    static PostgresServer& server() {
        static PostgresServer one;
        return one;
    }
    void SetUp() override {
        ASSERT_TRUE(server().is_started()) << "PostgreSQL cannot be started: is it installed?";
        url = server().make_database();
        store = open(milliseconds{20'000});
        ASSERT_NE(store, nullptr);
        wait_for_standby("ANY 1 (nobody)");
    }
    void TearDown() override { wait_for_standby(""); }

    static void wait_for_standby(const std::string& names) {
        server().execute("ALTER SYSTEM SET synchronous_standby_names = '" + names + "'");
        server().execute("SELECT pg_reload_conf()");
        while (server().ask("SHOW synchronous_standby_names") != names) {
        }
    }
    std::unique_ptr<PostgresStore> open(milliseconds commit_deadline) {
        auto opened = PostgresStore::open({.url = url, .commit_deadline = commit_deadline});
        EXPECT_TRUE(opened) << opened.error().detail;
        return opened ? *std::move(opened) : nullptr;
    }
    // Does `what` to whoever waits for a standby, as soon as there is one.
    static void break_wait(const std::string& what) {
        const std::string sql = "SELECT count(" + what + "(pid)) FROM pg_stat_activity" +
                                " WHERE wait_event = 'SyncRep'";
        while (server().ask(sql) == "0") {
        }
    }
    static Result<std::vector<StoreOutcome>> commit(PostgresStore& to, const StoreOp& op) {
        return to.commit(std::span(&op, 1), t0);
    }
    static Result<std::vector<StoreOutcome>> append(PostgresStore& to) {
        return commit(to, AppendEvent{event_of("CA1", "a")});
    }
    void expect_unavailable(const Result<std::vector<StoreOutcome>>& result) {
        ASSERT_FALSE(result) << "was acknowledged without a standby";
        EXPECT_EQ(result.error().code, Errc::unavailable);
    }

    std::string url;
    std::unique_ptr<PostgresStore> store;
};

TEST_F(CommitEnd, a_wait_that_is_cancelled_is_no_yes) {
    std::thread breaks(break_wait, "pg_cancel_backend");
    expect_unavailable(append(*store));
    breaks.join();
    // Visible, and yet on no standby.
    EXPECT_TRUE(store->find_story("CA1"));
}

TEST_F(CommitEnd, a_wait_whose_process_is_ended_is_no_yes) {
    std::thread breaks(break_wait, "pg_terminate_backend");
    expect_unavailable(append(*store));
    breaks.join();
}

TEST_F(CommitEnd, a_wait_ends_at_our_own_deadline_and_nothing_is_cancelled) {
    const auto hasty = open(milliseconds{100});
    expect_unavailable(append(*hasty));
    EXPECT_EQ(server().ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"),
              "1");
    EXPECT_FALSE(store->find_story("CA1"));
    wait_for_standby("");
    const auto again = append(*hasty);
    ASSERT_TRUE(again) << again.error().detail;
}

TEST_F(CommitEnd, a_repeat_of_what_is_there_waits_as_well) {
    std::thread breaks(break_wait, "pg_cancel_backend");
    expect_unavailable(append(*store));
    breaks.join();
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
    std::thread breaks(break_wait, "pg_cancel_backend");
    expect_unavailable(commit(*store, op));
    breaks.join();
    ASSERT_TRUE(store->find_replay(1));
    const auto other = open(milliseconds{100});
    expect_unavailable(commit(*other, op));
}

}  // namespace
}  // namespace wrapup
