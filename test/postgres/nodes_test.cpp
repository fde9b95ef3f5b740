// Several stores on one database, as several nodes have them.

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "test/postgres/fixture.hpp"
#include "test/store/operations.hpp"

namespace wrapup {
namespace {

class PostgresNodes : public PostgresTest {
protected:
    static constexpr std::size_t nodes_count = 3;

    void SetUp() override {
        PostgresTest::SetUp();
        for (std::size_t i = 0; i < nodes_count; ++i) {
            nodes.push_back(open_postgres({.url = url}));
            ASSERT_NE(nodes.back(), nullptr);
        }
    }
    void TearDown() override {
        for (const auto& node : nodes) {
            EXPECT_EQ(*node->check_integrity(), std::vector<std::string>{});
        }
    }
    void on_each_node(const std::function<void(PostgresStore&)>& work) {
        std::vector<std::thread> threads;
        for (const auto& node : nodes) threads.emplace_back([&] { work(*node); });
        for (std::thread& thread : threads) thread.join();
    }

    static bool commit(PostgresStore& to, const std::vector<StoreOp>& ops) {
        const auto outcomes = to.commit(ops, wall_now());
        EXPECT_TRUE(outcomes) << outcomes.error().detail;
        return outcomes && std::ranges::all_of(*outcomes, &StoreOutcome::has_value);
    }
    // Two nodes read what they need before either writes: the gate lets rows be read and locked.
    void commit_at_once(const std::vector<StoreOp>& at_one,
                        const std::vector<StoreOp>& at_another) {
        const std::unique_ptr<PGconn, decltype(&PQfinish)> gate{PQconnectdb(url.c_str()),
                                                                &PQfinish};
        PQclear(PQexec(gate.get(), "BEGIN; LOCK TABLE wrapup.calls IN SHARE MODE"));
        auto one = std::async(std::launch::async, [&] { return commit(*nodes[0], at_one); });
        const auto wait_for = [&](const char* count) {
            while (one.wait_for(seconds{0}) == std::future_status::timeout &&
                   ask("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                       " WHERE NOT l.granted AND a.datname = current_database()") != count) {
            }
        };
        wait_for("1");
        auto other = std::async(std::launch::async, [&] { return commit(*nodes[1], at_another); });
        wait_for("2");
        PQclear(PQexec(gate.get(), "COMMIT"));
        EXPECT_TRUE(one.get());
        EXPECT_TRUE(other.get());
    }

    std::vector<std::unique_ptr<PostgresStore>> nodes;
};

TEST_F(PostgresNodes, a_webhook_and_the_same_with_a_call_sid_at_once_are_one_call) {
    ASSERT_TRUE(commit(*nodes[0], {AppendEvent{event_of("CA1", "a")}}));
    commit_at_once({AppendEvent{word_of("conv_1", "w")}},
                   {AppendEvent{word_of("conv_1", "x", "CA1")}});
    EXPECT_EQ(*nodes[2]->resolve("conv_1"), "CA1");
    EXPECT_EQ(nodes[2]->find_story("CA1")->events.size(), 3U);
}

TEST_F(PostgresNodes, a_webhook_and_what_links_its_conversation_at_once_are_one_call) {
    ASSERT_TRUE(commit(*nodes[0], {AppendEvent{event_of("CA1", "a")}}));
    SettleCall link = answer_to(*nodes[0]->claim_call("CA1", wall_now(), lease));
    link.conversation_id = "conv_1";
    link.then = SettleCall::Reschedule{wall_now()};
    commit_at_once({link}, {AppendEvent{word_of("conv_1", "w")}});
    EXPECT_EQ(*nodes[2]->resolve("conv_1"), "CA1");
    EXPECT_EQ(nodes[2]->find_story("CA1")->events.size(), 2U);
}

TEST_F(PostgresNodes, a_callback_and_a_webhook_that_names_its_call_at_once_are_one_call) {
    commit_at_once({AppendEvent{event_of("CA1", "a")}},
                   {AppendEvent{word_of("conv_1", "w", "CA1")}});
    EXPECT_EQ(*nodes[2]->resolve("conv_1"), "CA1");
    EXPECT_EQ(nodes[2]->find_story("CA1")->events.size(), 2U);
}

// What the other node looked for was not there yet, and what it waited for leads there by now.
TEST_F(PostgresNodes, a_merge_and_events_of_both_halves_at_once_are_one_call) {
    ASSERT_TRUE(commit(*nodes[0], {AppendEvent{word_of("conv_1", "a")}}));
    commit_at_once({AppendEvent{word_of("conv_1", "b", "CA1")}},
                   {AppendEvent{word_of("conv_1", "c")}, AppendEvent{event_of("CA1", "d")}});
    EXPECT_EQ(*nodes[2]->resolve("conv_1"), "CA1");
    EXPECT_EQ(nodes[2]->find_story("CA1")->events.size(), 4U);
}

TEST_F(PostgresNodes, one_call_is_one_call_whoever_hears_of_it_first) {
    constexpr int calls_count = 40;
    std::atomic<int> news = 0;
    on_each_node([&](PostgresStore& node) {
        for (int i = 0; i < calls_count; ++i) {
            const std::string sid = "CA" + std::to_string(i);
            std::vector<StoreOp> ops;
            for (const char* key : {"a", "b"}) ops.emplace_back(AppendEvent{event_of(sid, key)});
            // Others in another order, so that they wait for each other.
            ops.emplace_back(AppendEvent{event_of("CA" + std::to_string(calls_count - i), "c")});
            const auto outcomes = node.commit(ops, t0);
            ASSERT_TRUE(outcomes) << outcomes.error().detail;
            for (const StoreOutcome& outcome : *outcomes) {
                ASSERT_TRUE(outcome);
                news += std::get<Appended>(*outcome).is_repeat ? 0 : 1;
            }
        }
    });
    EXPECT_EQ(news, 3 * calls_count);
    EXPECT_EQ(nodes[0]->counts()->calls.front().second, calls_count + 1);
}

TEST_F(PostgresNodes, work_is_claimed_by_one_of_them) {
    constexpr int calls_count = 60;
    std::vector<StoreOp> ops;
    for (int i = 0; i < calls_count; ++i) {
        ops.emplace_back(AppendEvent{event_of("CA" + std::to_string(i), "a")});
    }
    ASSERT_TRUE(nodes[0]->commit(ops, t0));
    std::atomic<int> claimed = 0;
    on_each_node([&](PostgresStore& node) {
        for (int i = 0; i < 40; ++i) {
            const auto calls = node.claim_calls(t0 + std::chrono::hours{1}, seconds{60}, 3);
            ASSERT_TRUE(calls) << calls.error().detail;
            claimed += static_cast<int>(calls->size());
        }
    });
    EXPECT_EQ(claimed, calls_count);
}

TEST_F(PostgresNodes, leases_count_by_the_databases_clock) {
    const StoreOp op = AppendEvent{event_of("CA1", "a")};
    ASSERT_TRUE(nodes[0]->commit(std::span(&op, 1), wall_now()));
    const std::chrono::minutes off{10};
    const auto first = nodes[0]->claim_call("CA1", wall_now() - off, seconds{60});
    ASSERT_TRUE(first) << first.error().detail;
    // Ten minutes later by its own clock.
    const auto second = nodes[1]->claim_call("CA1", wall_now() + off, seconds{60});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::conflict);
    EXPECT_TRUE(nodes[2]->claim_calls(wall_now() + off, seconds{60}, 5)->empty());
}

TEST_F(PostgresNodes, goes_on_with_another_connection_when_its_own_was_ended) {
    const StoreOp op = AppendEvent{event_of("CA1", "a")};
    ASSERT_TRUE(nodes[0]->commit(std::span(&op, 1), t0));
    ASSERT_TRUE(nodes[0]->find_story("CA1"));
    server().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wrapup'");
    EXPECT_TRUE(nodes[0]->find_story("CA1"));
    const auto again = nodes[0]->commit(std::span(&op, 1), t0);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_TRUE(std::get<Appended>(*again->front()).is_repeat);
}

}  // namespace
}  // namespace wrapup
