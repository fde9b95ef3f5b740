// Commits that were answered and that the database does not know any more. What a promoted standby
// lacks is asked of real ones in test/e2e/failover.test.mjs.

#include <fstream>
#include <iterator>

#include "adapters/postgres/commit_count.hpp"
#include "test/postgres/fixture.hpp"
#include "test/store/operations.hpp"

namespace wrapup {
namespace {

class PostgresLoss : public PostgresTest {
protected:
    void SetUp() override {
        PostgresTest::SetUp();
        store = open("a");
    }
    std::unique_ptr<PostgresStore> open(const std::string& id) {
        auto opened = open_postgres(
            {.url = url, .commits_file = folder.file(id), .node = {id, "here", 1, "1.0"}});
        if (opened) opened->on_lost([this](const LostCommits& lost) { told.push_back(lost); });
        return opened;
    }
    bool append(PostgresStore& to, UtcTime now = t0) {
        const StoreOp op = AppendEvent{event_of("CA" + std::to_string(++calls_count), "a")};
        return to.commit(std::span(&op, 1), now).has_value();
    }
    void cut_connections() {
        execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'wrapup' AND datname = current_database()");
    }
    // As a database that never heard of the last ones.
    void forget(int count) {
        execute("UPDATE wrapup.commits SET count = count - " + std::to_string(count) +
                ", at_ms = at_ms - 1000 * " + std::to_string(count) + " WHERE at_ms > 0");
        cut_connections();
    }
    std::optional<LostCommits> kept() {
        const auto values = store->kept_values(lost_commits_key);
        EXPECT_TRUE(values);
        if (!values || values->empty()) return std::nullopt;
        return decode_lost_commits(values->front().value);
    }

    TemporaryFolder folder;
    std::unique_ptr<PostgresStore> store;
    std::vector<LostCommits> told;
    int calls_count = 0;
};

TEST_F(PostgresLoss, the_next_connection_finds_what_is_gone_once) {
    for (int i = 1; i <= 5; ++i) ASSERT_TRUE(append(*store, t0 + seconds{i}));
    forget(2);
    ASSERT_TRUE(append(*store, t0 + seconds{9}));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].count, 2);
    EXPECT_EQ(told[0].from, t0 + seconds{3});
    EXPECT_EQ(told[0].until, t0 + seconds{5});
    EXPECT_LT(std::chrono::abs(told[0].found_at - wall_now()), std::chrono::minutes{1});
    EXPECT_EQ(kept()->count, 2);
    cut_connections();
    ASSERT_TRUE(append(*store));
    store = open("a");
    ASSERT_TRUE(append(*store));
    EXPECT_EQ(told.size(), 1U);
    EXPECT_EQ(kept()->count, 2);
}

TEST_F(PostgresLoss, a_start_finds_what_went_while_the_node_was_down) {
    for (int i = 1; i <= 3; ++i) ASSERT_TRUE(append(*store, t0 + milliseconds{1'500} * i));
    store.reset();
    forget(1);
    store = open("a");
    ASSERT_TRUE(kept());
    EXPECT_EQ(kept()->count, 1);
    EXPECT_EQ(kept()->until, t0 + seconds{5}) << "in whole seconds";
}

TEST_F(PostgresLoss, a_node_that_lost_its_file_finds_what_goes_from_then_on) {
    for (int i = 1; i <= 3; ++i) ASSERT_TRUE(append(*store));
    store.reset();
    std::filesystem::remove(folder.file("a"));
    store = open("a");
    ASSERT_TRUE(append(*store));
    forget(1);
    ASSERT_TRUE(append(*store));
    ASSERT_TRUE(kept());
    EXPECT_EQ(kept()->count, 1);
}

TEST_F(PostgresLoss, each_incident_is_told_by_itself) {
    ASSERT_TRUE(append(*store));
    ASSERT_TRUE(append(*store));
    const LostCommits earlier{70, t0, t0, wall_now() - std::chrono::hours{2}};
    execute("INSERT INTO wrapup.kept_values VALUES ('" + std::string(lost_commits_key) + "', '" +
            encode(earlier) + "')");
    forget(1);
    ASSERT_TRUE(append(*store));
    EXPECT_EQ(kept()->count, 1);
}

TEST_F(PostgresLoss, what_two_nodes_miss_adds_up) {
    const auto other = open("b");
    for (int i = 1; i <= 3; ++i) {
        ASSERT_TRUE(append(*store, t0 + seconds{i}));
        ASSERT_TRUE(append(*other, t0 + seconds{10 * i}));
    }
    forget(1);
    ASSERT_TRUE(append(*store));
    ASSERT_TRUE(append(*other));
    ASSERT_EQ(told.size(), 2U);
    ASSERT_TRUE(kept());
    EXPECT_EQ(kept()->count, 2);
    EXPECT_EQ(kept()->from, t0 + seconds{2});
    EXPECT_EQ(kept()->until, t0 + seconds{30});
}

TEST_F(PostgresLoss, nothing_is_told_where_nothing_is_lost) {
    const auto other = open("b");
    ASSERT_TRUE(append(*store));
    cut_connections();
    ASSERT_TRUE(append(*store)) << "after another connection";
    execute("ALTER TABLE wrapup.events RENAME TO away");
    EXPECT_FALSE(append(*store));
    execute("ALTER TABLE wrapup.away RENAME TO events");
    cut_connections();
    ASSERT_TRUE(append(*store)) << "after a batch that was rolled back";
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(*other));
    cut_connections();
    ASSERT_TRUE(append(*store)) << "after others' batches";
    execute(
        "INSERT INTO wrapup.commits SELECT no + 1, 0, at_ms FROM wrapup.commits"
        " WHERE at_ms > 0");
    cut_connections();
    ASSERT_TRUE(append(*store)) << "after batches in other rows of its own";
    store = open("a");
    ASSERT_TRUE(append(*store)) << "after a start";
    store.reset();
    std::filesystem::remove(folder.file("a"));
    store = open("a");
    ASSERT_TRUE(append(*store)) << "the first start after an upgrade";
    store.reset();
    std::ofstream(folder.file("a"), std::ios::trunc) << "nonsense";
    store = open("a");
    ASSERT_TRUE(append(*store)) << "what cannot be read says nothing";
    // Two processes in one row.
    std::filesystem::copy_file(folder.file("a"), folder.file("c"));
    const auto copy = open_postgres(
        {.url = url, .commits_file = folder.file("c"), .node = {"a", "here", 2, "1.0"}});
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(*store));
    ASSERT_TRUE(append(*copy));
    cut_connections();
    ASSERT_TRUE(append(*store)) << "after a copy's";
    EXPECT_TRUE(told.empty());
    EXPECT_FALSE(kept());
}

TEST_F(PostgresLoss, another_database_of_the_same_server_lacks_nothing_of_ours) {
    ASSERT_TRUE(append(*store));
    execute("DELETE FROM wrapup.commits WHERE at_ms > 0");
    store = open("a");
    EXPECT_FALSE(kept());
}

TEST_F(PostgresLoss, a_node_that_a_promoted_standby_never_heard_of_is_missing) {
    ASSERT_TRUE(append(*store, t0));
    ASSERT_TRUE(append(*store, t0 + seconds{5}));
    store.reset();
    execute("DELETE FROM wrapup.commits WHERE at_ms > 0");
    // On a timeline that is over.
    std::ifstream in(folder.file("a"));
    std::string text(std::istreambuf_iterator<char>(in), {});
    const std::size_t end_of_number = std::size_t{5} * 21 - 2;
    ASSERT_EQ(text.at(end_of_number), '1');
    text[end_of_number] = '9';
    std::ofstream(folder.file("a"), std::ios::trunc) << text;
    std::ofstream(folder.file("b"), std::ios::trunc) << text;
    store = open("b");
    EXPECT_FALSE(kept()) << "what another node left in a folder that was copied";
    text.at(text.size() - 2) ^= 1;
    std::ofstream(folder.file("a"), std::ios::trunc) << text;
    store = open("a");
    EXPECT_FALSE(kept()) << "of another system";
    store.reset();
    text.at(text.size() - 2) ^= 1;
    std::ofstream(folder.file("a"), std::ios::trunc) << text;
    store = open("a");
    ASSERT_TRUE(kept());
    EXPECT_EQ(kept()->count, 2);
    EXPECT_EQ(kept()->from, t0);
}

}  // namespace
}  // namespace wrapup
