// What nodes on one database do when its clock is set.

#include "test/postgres/fleet.hpp"

namespace wrapup {
namespace {

// To a node the database's clock was set when it goes another way than the node's steady one.
class PostgresClock : public PostgresFleet {
protected:
    struct Node {
        std::unique_ptr<PostgresStore> store;
        milliseconds steady_off{0};
        UtcTime heard{};
        std::vector<milliseconds> steps;
        FleetNews news;  // Of its first beat.
    };
    std::unique_ptr<Node> join(const std::string& id) {
        auto node = std::make_unique<Node>();
        node->store = open(id);
        node->store->on_step([n = node.get()](milliseconds by) { n->steps.push_back(by); });
        const auto steady = [n = node.get()] {
            const auto since = std::chrono::steady_clock::now().time_since_epoch();
            return std::chrono::duration_cast<milliseconds>(since) + n->steady_off;
        };
        EXPECT_TRUE(node->store->on_time(
            steady, [n = node.get()](auto, auto, UtcTime told) { n->heard = told; }));
        auto news = node->store->beat({});
        EXPECT_TRUE(news);
        if (news) node->news = *std::move(news);
        return node;
    }
    std::int64_t number(const std::string& sql) { return std::stoll(ask(sql)); }
    // Its delivery is due.
    static void settle(PostgresStore& to, const std::string& sid) {
        const auto claimed = to.claim_call(sid, wall_now(), seconds{60});
        ASSERT_TRUE(claimed);
        SettleCall op = answer_to(*claimed);
        op.then = fix_of();
        const StoreOp end = std::move(op);
        ASSERT_TRUE(to.commit(std::span(&end, 1), wall_now()));
    }
};

TEST_F(PostgresClock, what_waits_is_moved_once_for_all_nodes) {
    for (const std::chrono::hours by : {std::chrono::hours{5}, -std::chrono::hours{5}}) {
        SetUp();
        const auto a = join("a");
        const auto b = join("b");
        append(*a->store, "CA1");
        append(*a->store, "CA2");
        append(*a->store, "CA3");
        settle(*a->store, "CA3");
        // Held by one that is gone, for ten seconds yet by the clock of before.
        const std::string then = now_ms + " - " + std::to_string(milliseconds{by}.count());
        execute("UPDATE wrapup.calls SET due_at_ms = 1000 + " + then +
                ", lease_until_ms = 10000 + " + then + " WHERE id = 'CA1'");
        execute("UPDATE wrapup.calls SET due_at_ms = 20000 + " + then + " WHERE id = 'CA2'");
        execute("UPDATE wrapup.deliveries SET due_at_ms = 1000 + " + then);
        // Claimed since then, by the clock of now.
        execute("UPDATE wrapup.calls SET lease_until_ms = 60000 + " + now_ms + " WHERE id = 'CA3'");
        const std::int64_t held_until =
            number("SELECT lease_until_ms FROM wrapup.calls WHERE id = 'CA3'");
        execute(
            "INSERT INTO wrapup.nodes (id, number, host, pid, version, started_at_ms,"
            " seen_at_ms) VALUES ('gone', 77, 'there', 1, '1.0', 0, " +
            then + ")");
        execute("INSERT INTO wrapup.changes (node, at_ms, calls) VALUES (77, " + then +
                ", 'open CA9')");
        execute("UPDATE wrapup.duties SET until_ms = 5000 + " + then);
        for (const auto* node : {&a, &b}) (*node)->steady_off = -by;
        // Nobody takes anything for overdue before it was moved.
        EXPECT_TRUE(b->store->claim_calls(wall_now(), seconds{60}, 5)->empty());
        const auto deliveries = b->store->claim_deliveries("crm", wall_now(), seconds{60}, 5, {});
        EXPECT_TRUE(deliveries->claimed.empty());
        EXPECT_LT(std::chrono::abs(b->heard - (wall_now() - by)), seconds{5});
        int news_count = 0;
        for (int i = 0; i < 3; ++i) {
            for (const auto* node : {&b, &a}) {
                const auto beat = (*node)->store->beat({});
                ASSERT_TRUE(beat);
                if (beat->clock_set_by) news_count += 1;
            }
        }
        EXPECT_EQ(news_count, 2) << "each is told once";
        const std::int64_t now = to_unix_ms(wall_now());
        const std::int64_t due =
            number("SELECT due_at_ms FROM wrapup.calls WHERE id = 'CA2'") - now;
        EXPECT_GT(due, 10'000) << "moved once";
        EXPECT_LE(due, 20'000);
        const std::int64_t lease =
            number("SELECT lease_until_ms FROM wrapup.calls WHERE id = 'CA1'") - now;
        EXPECT_GT(lease, 0);
        EXPECT_LE(lease, 10'000);
        EXPECT_EQ(number("SELECT lease_until_ms FROM wrapup.calls WHERE id = 'CA3'"), held_until);
        for (const char* const left : {"SELECT max(seen_at_ms) FROM wrapup.nodes",
                                       "SELECT max(at_ms) FROM wrapup.changes"}) {
            EXPECT_LE(number(left), now + 1'000) << left;
        }
        const milliseconds moved{
            number("SELECT value FROM wrapup.kept_values WHERE key = 'clock.moved_ms'")};
        EXPECT_LT(std::chrono::abs(moved - by), seconds{1});
        for (const auto* node : {&a, &b}) {
            EXPECT_TRUE((*node)->store->claim_calls(wall_now(), seconds{60}, 5)->empty());
            ASSERT_EQ((*node)->steps.size(), 1U);
            EXPECT_LT(std::chrono::abs((*node)->steps[0] - by), seconds{1});
            EXPECT_LT(std::chrono::abs((*node)->heard - wall_now()), seconds{5});
        }
    }
}

TEST_F(PostgresClock, what_was_set_back_while_no_node_ran_is_moved_by_the_first_that_starts) {
    {
        const auto last = join("a");
        append(*last->store, "CA1");
        append(*last->store, "CA2");
    }
    // All that it wrote, and when, by a clock that was five hours ahead.
    execute(
        "UPDATE wrapup.commits SET at_ms = at_ms + 18000000;"
        "UPDATE wrapup.nodes SET seen_at_ms = seen_at_ms + 18000000;"
        "UPDATE wrapup.duties SET until_ms = until_ms + 18000000;"
        "UPDATE wrapup.calls SET due_at_ms ="
        " (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 18000000 + 20000;"
        "UPDATE wrapup.calls SET lease_until_ms = due_at_ms WHERE id = 'CA1'");
    const auto first = join("b");
    const auto second = join("c");
    const auto off = [&](const std::string& sql) { return number(sql) - to_unix_ms(wall_now()); };
    for (const std::string id : {"CA1", "CA2"}) {
        const std::string of = " FROM wrapup.calls WHERE id = '" + id + "'";
        EXPECT_LE(off("SELECT due_at_ms" + of), 22'000);
        EXPECT_GT(off("SELECT due_at_ms" + of), 0) << "moved once";
    }
    EXPECT_LE(off("SELECT lease_until_ms FROM wrapup.calls WHERE id = 'CA1'"), 22'000);
    EXPECT_LE(off("SELECT max(at_ms) FROM wrapup.commits"), 0);
    ASSERT_TRUE(first->news.clock_set_by);
    EXPECT_LT(std::chrono::abs(*first->news.clock_set_by + std::chrono::hours{5}), seconds{5});
    EXPECT_FALSE(second->news.clock_set_by);
    for (const auto* node : {&first, &second}) {
        EXPECT_FALSE((*node)->store->beat({})->clock_set_by);
        EXPECT_TRUE((*node)->steps.empty());
    }
}

// It hears of the step with the batch that it scheduled by the time of before.
TEST_F(PostgresClock, what_comes_by_the_time_of_before_is_moved_as_the_rest) {
    const std::chrono::hours by{5};
    const auto a = join("a");
    const auto b = join("b");
    for (const auto* node : {&a, &b}) (*node)->steady_off = -by;
    ASSERT_TRUE(a->store->beat({}));
    const UtcTime before = wall_now() - by;
    const StoreOp op = AppendEvent{event_of("CA1", "a", before + seconds{20})};
    ASSERT_TRUE(b->store->commit(std::span(&op, 1), before));
    EXPECT_EQ(b->steps.size(), 1U);
    const std::int64_t due =
        number("SELECT due_at_ms FROM wrapup.calls WHERE id = 'CA1'") - to_unix_ms(wall_now());
    EXPECT_GT(due, 10'000);
    EXPECT_LE(due, 21'000);
}

TEST_F(PostgresClock, one_whose_machine_stood_still_moves_nothing) {
    const auto a = join("a");
    const auto b = join("b");
    append(*a->store, "CA1");
    const std::string before = ask("SELECT due_at_ms FROM wrapup.calls WHERE id = 'CA1'");
    // Meanwhile the other one took its duties.
    execute("UPDATE wrapup.duties SET until_ms = 1");
    ASSERT_TRUE(b->store->beat({}));
    a->steady_off = -std::chrono::hours{1};
    ASSERT_TRUE(a->store->beat({}));
    EXPECT_TRUE(a->store->claim_calls(wall_now(), seconds{60}, 5)->empty()) << "not yet";
    a->steady_off += seconds{70};
    ASSERT_TRUE(a->store->beat({}));
    ASSERT_TRUE(a->store->beat({}));
    EXPECT_EQ(ask("SELECT due_at_ms FROM wrapup.calls WHERE id = 'CA1'"), before);
    EXPECT_EQ(a->steps.size(), 1U);
    EXPECT_EQ(a->store->claim_calls(wall_now(), seconds{60}, 5)->size(), 1U);
}

}  // namespace
}  // namespace wrapup
