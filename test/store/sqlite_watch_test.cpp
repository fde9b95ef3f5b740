// Files that are moved, removed or damaged while the store is open; and who may open them.

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/sqlite/data_folder.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/store.hpp"
#include "domain/lost_commits.hpp"
#include "test/store/operations.hpp"
#include "test/store/temporary_folder.hpp"

namespace wrapup {
namespace {

namespace fs = std::filesystem;

void execute(const std::string& path, const char* sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
}

class SqliteWatch : public testing::Test {
protected:
    void SetUp() override {
        store = open();
        ASSERT_NE(store, nullptr);
        store->on_failure([this](const Error& error) { told.push_back(error); });
        for (int i = 0; i < 50; ++i) ASSERT_TRUE(append());
        ASSERT_TRUE(told.empty());
    }
    std::unique_ptr<SqliteStore> open() {
        auto opened = SqliteStore::open({.path = path, .now = found_at});
        EXPECT_TRUE(opened) << opened.error().detail;
        return opened ? std::move(*opened) : nullptr;
    }
    Result<std::vector<StoreOutcome>> append() {
        NewEvent event = event_of("CA" + std::to_string(++events_count), "a");
        event.payload = std::string(2'000, 'x');
        return store->commit(std::vector<StoreOp>{AppendEvent{event}}, now);
    }
    // Nothing is acknowledged, one is told once, by the file's name; and so it stays.
    void expect_failed_for_good() {
        for (int i = 0; i < 3; ++i) {
            const auto outcomes = append();
            ASSERT_FALSE(outcomes) << "was acknowledged";
            EXPECT_EQ(outcomes.error().code, Errc::corrupt) << outcomes.error().detail;
        }
        EXPECT_FALSE(store->claim_calls(t0, lease, 1));
        EXPECT_FALSE(store->next_call_due());
        ASSERT_EQ(told.size(), 1U);
        EXPECT_NE(told[0].detail.find("wrapup.db"), std::string::npos) << told[0].detail;
    }

    TemporaryFolder folder;
    std::string path = folder.file("data/wrapup.db");
    std::unique_ptr<SqliteStore> store;
    std::vector<Error> told;
    int events_count = 0;
    UtcTime now = t0;
    UtcTime found_at = t0 + std::chrono::hours{1};
};

TEST_F(SqliteWatch, a_database_that_was_moved_acknowledges_nothing) {
    fs::rename(path, path + ".old");
    expect_failed_for_good();
    fs::rename(path + ".old", path);
    EXPECT_FALSE(append());
}

TEST_F(SqliteWatch, a_database_that_was_removed_acknowledges_nothing) {
    fs::remove(path);
    expect_failed_for_good();
}

TEST_F(SqliteWatch, a_database_with_another_in_its_place_acknowledges_nothing) {
    fs::copy_file(path, path + ".copy");
    fs::rename(path + ".copy", path);
    expect_failed_for_good();
}

TEST_F(SqliteWatch, a_folder_that_was_moved_acknowledges_nothing) {
    fs::rename(folder.file("data"), folder.file("elsewhere"));
    expect_failed_for_good();
}

TEST_F(SqliteWatch, a_log_that_was_removed_acknowledges_nothing) {
    fs::remove(path + "-wal");
    expect_failed_for_good();
}

TEST_F(SqliteWatch, a_log_that_was_emptied_acknowledges_nothing) {
    fs::resize_file(path + "-wal", 0);
    expect_failed_for_good();
}

TEST_F(SqliteWatch, a_log_that_was_cut_acknowledges_nothing) {
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(append());
    const auto size = fs::file_size(path + "-wal");
    ASSERT_GT(size, 10'000U);
    fs::resize_file(path + "-wal", size / 2);
    expect_failed_for_good();
}

// Cuts the log in the middle of a transaction: its end is where it was again after the commit.
struct Cutter final : DueCallSettler {
    Cutter(std::string log, std::uintmax_t to_size) : path(std::move(log)), size(to_size) {}
    std::optional<SettleCall> settle(ClaimedCall, const std::function<CallMetadata(MetadataKey)>&,
                                     UtcTime) override {
        fs::resize_file(path, size);
        return std::nullopt;
    }
    std::string path;
    std::uintmax_t size;
};

TEST_F(SqliteWatch, a_log_that_is_cut_during_a_commit_acknowledges_nothing) {
    const auto size = fs::file_size(path + "-wal");
    for (const auto left : {size - 100, size / 2, std::uintmax_t{5'000}, std::uintmax_t{0}}) {
        Cutter cutter(path + "-wal", left);
        const AppendEvent op{event_of("CA1000", std::to_string(left)), &cutter};
        EXPECT_FALSE(store->commit(std::vector<StoreOp>{op}, now)) << left;
        expect_failed_for_good();
        store.reset();
        told.clear();
        fs::remove_all(fs::path(path).parent_path());
        fs::create_directories(fs::path(path).parent_path());
        SetUp();
    }
}

TEST_F(SqliteWatch, an_index_of_the_log_that_was_removed_acknowledges_nothing) {
    fs::remove(path + "-shm");
    expect_failed_for_good();
}

// A checkpoint has moved something into the file by then.
TEST_F(SqliteWatch, a_database_that_was_cut_acknowledges_nothing) {
    store.reset();
    store = open();
    store->on_failure([this](const Error& error) { told.push_back(error); });
    ASSERT_TRUE(append());
    fs::resize_file(path, 0);
    expect_failed_for_good();
}

TEST_F(SqliteWatch, damage_that_a_reader_meets_ends_the_writes_too) {
    store.reset();
    store = open();
    store->on_failure([this](const Error& error) { told.push_back(error); });
    ASSERT_TRUE(append());
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        const auto size = static_cast<std::streamoff>(fs::file_size(path));
        file.seekp(4096);
        file << std::string(static_cast<std::size_t>(size - 4096), 'Z');
    }
    CallFilter all;
    all.limit = 200;
    EXPECT_FALSE(store->list_calls(all));
    expect_failed_for_good();
}

TEST_F(SqliteWatch, the_watcher_is_told_of_a_failure_that_was_before_him) {
    store->on_failure({});
    fs::remove(path);
    EXPECT_FALSE(append());
    EXPECT_TRUE(told.empty());
    store->on_failure([this](const Error& error) { told.push_back(error); });
    EXPECT_EQ(told.size(), 1U);
}

TEST_F(SqliteWatch, a_lock_file_that_was_deleted_lets_nobody_in) {
    const auto lock = DataFolderLock::acquire(folder.file("data"));
    ASSERT_TRUE(lock);
    fs::remove(folder.file("data/wrapup.lock"));
    EXPECT_TRUE(DataFolderLock::acquire(folder.file("data")));
    const auto second = SqliteStore::open({path, 0});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::conflict) << second.error().detail;
    EXPECT_TRUE(append());
    store.reset();
    EXPECT_TRUE(open());
}

TEST_F(SqliteWatch, an_empty_database_where_one_was_is_not_taken_for_a_first_start) {
    store.reset();
    for (const bool is_removed : {false, true}) {
        fs::resize_file(path, 0);
        if (is_removed) fs::remove(path);
        const auto opened = SqliteStore::open({path, 0});
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, Errc::corrupt);
        EXPECT_NE(opened.error().detail.find(path + "-made"), std::string::npos)
            << opened.error().detail;
    }
    fs::remove(path + "-made");
    EXPECT_TRUE(open());
}

// ---- What the file holds ----

TEST_F(SqliteWatch, a_counter_that_is_wrong_is_found_by_a_recount) {
    EXPECT_EQ(*store->check_integrity(), std::vector<std::string>{});
    store.reset();
    execute(path,
            "UPDATE counters SET count = count + 1 WHERE name = 'state open';"
            "INSERT INTO counters VALUES ('parked dead', 2)");
    store = open();
    const auto findings = store->check_integrity();
    ASSERT_TRUE(findings);
    EXPECT_EQ(*findings,
              (std::vector<std::string>{"the counter of state open is 51, a recount says 50",
                                        "the counter of parked dead is 2, a recount says 0"}));
}

// Of so many events the place was not within the call's own range once, and they were dropped.
TEST_F(SqliteWatch, an_event_beyond_the_millionth_of_a_call_is_kept) {
    store.reset();
    execute(path, "UPDATE calls SET events_count = 1048574 WHERE id = 'CA1'");
    store = open();
    for (const char* key : {"b", "c", "d"}) {
        const auto outcomes =
            store->commit(std::vector<StoreOp>{AppendEvent{event_of("CA1", key)}}, t0);
        ASSERT_TRUE(outcomes && outcomes->front());
        EXPECT_FALSE(std::get<Appended>(*outcomes->front()).is_repeat) << key;
    }
    const auto story = store->find_story("CA1");
    ASSERT_EQ(story->events.size(), 4U);
    EXPECT_EQ(story->events[3].seq, 1'048'577);
    EXPECT_EQ(store->find_story("CA2")->events.size(), 1U);
}

TEST_F(SqliteWatch, an_event_that_finds_no_place_is_refused_and_not_acknowledged) {
    store.reset();
    execute(path, "UPDATE calls SET events_count = (1 << 28) - 1 WHERE id = 'CA1'");
    store = open();
    const std::vector<StoreOp> ops{AppendEvent{event_of("CA1", "b")},
                                   AppendEvent{event_of("CA1", "a")},
                                   AppendEvent{event_of("CA2", "b")}};
    const auto outcomes = store->commit(ops, t0);
    ASSERT_TRUE(outcomes);
    ASSERT_FALSE((*outcomes)[0]);
    EXPECT_EQ((*outcomes)[0].error().code, Errc::unavailable);
    EXPECT_TRUE(std::get<Appended>(*(*outcomes)[1]).is_repeat);
    EXPECT_FALSE(std::get<Appended>(*(*outcomes)[2]).is_repeat);
}

TEST(SqliteMigration, a_database_of_the_first_version_is_brought_up_to_date) {
    const TemporaryFolder folder;
    const std::string path = folder.file("wrapup.db");
    execute(path, sqlite::migrations()[0]);
    const std::string owner = "PRAGMA user_version = 1; PRAGMA application_id = " +
                              std::to_string(sqlite::application_id);
    execute(path, owner.c_str());
    execute(path, R"sql(
        INSERT INTO calls (no, id, state, parked, call_sid, conversation_id, to_number, phone,
            first_event_at_ms, last_event_at_ms, due_at_ms, events_count, campaign, settled_at_ms,
            record, metadata) VALUES
            (1, 'CA1', 'delivering', NULL, 'CA1', '', '', '', 1, 1, NULL, 2, 'Outbound Call', 1,
                '{}', '{"name":"Ada"}'),
            (2, 'CA2', 'parked', 'dead', 'CA2', '', '', '', 1, 1, NULL, 1, 'All of spring', 1,
                '{}', '{"campaign_name":"Spring","campaign_description":"All of spring"}'),
            (3, 'CA3', 'delivered', NULL, 'CA3', '', '', '', 1, 1, NULL, 0, 'Outbound Call', 1,
                '{}', NULL),
            (4, 'CA4', 'open', NULL, 'CA4', '', '', '', 1, 1, 1, 0, 'Autumn', NULL, '', NULL);
        INSERT INTO events VALUES ((1 << 20) + 1, 1, 'twilio.status', 1, 0, 'a', '{}'),
            ((1 << 20) + 2, 1, 'twilio.status', 1, 0, 'b', '{}'),
            ((2 << 20) + 1, 2, 'twilio.status', 1, 0, 'a', '{}');
        INSERT INTO deliveries (id, call_no, destination, state, parked, due_at_ms, unknown_count)
            VALUES (1, 1, 'crm', 'pending', NULL, 1, 2), (2, 2, 'crm', 'parked', 'dead', NULL, 1),
            (3, 3, 'crm', 'accepted', NULL, NULL, 0);
        UPDATE calls SET webhook_id = 'msg_' || id WHERE settled_at_ms IS NOT NULL;
    )sql");
    const auto store = SqliteStore::open({path, 0});
    ASSERT_TRUE(store) << store.error().detail;
    EXPECT_EQ(*(*store)->check_integrity(), std::vector<std::string>{});
    const StoreCounts counts = *(*store)->counts();
    EXPECT_EQ(counts.calls,
              (std::vector<std::pair<CallState, std::int64_t>>{{CallState::open, 1},
                                                               {CallState::delivering, 1},
                                                               {CallState::delivered, 1},
                                                               {CallState::parked, 1}}));
    EXPECT_EQ(counts.parked,
              (std::vector<std::pair<ParkReason, std::int64_t>>{{ParkReason::dead, 1}}));
    EXPECT_EQ(counts.deliveries_pending(), 1);
    EXPECT_EQ(counts.unknown_outcomes, 3);
    const auto events = (*store)->find_story("CA1")->events;
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[1].seq, 2);
    const auto deliveries = (*store)->find_story("CA1")->deliveries;
    ASSERT_EQ(deliveries.size(), 1U);
    EXPECT_EQ(deliveries[0].delivery.webhook_id, "msg_CA1");
    EXPECT_EQ(deliveries[0].delivery.body, "{}");
    EXPECT_EQ((*store)->find_story("CA1")->call.campaign, "");
    EXPECT_EQ((*store)->find_story("CA2")->call.campaign, "Spring");
    EXPECT_EQ((*store)->find_story("CA3")->call.campaign, "");
    EXPECT_EQ((*store)->find_story("CA4")->call.campaign, "Autumn");
}

// A process that is killed leaves its files as they are: what was copied while it worked.
class SqliteLoss : public SqliteWatch {
protected:
    // The store as a killed process would leave it.
    void kill() {
        const fs::path aside = folder.file("aside");
        fs::create_directory(aside);
        for (const char* const end : {"", "-wal", "-made", "-commits"}) {
            fs::copy_file(path + end, aside / (std::string("wrapup.db") + end),
                          fs::copy_options::overwrite_existing);
        }
        store.reset();
        for (const char* const end : {"", "-wal", "-made", "-commits"}) {
            fs::copy_file(aside / (std::string("wrapup.db") + end), path + end,
                          fs::copy_options::overwrite_existing);
        }
        fs::remove(path + "-shm");
    }
    std::optional<LostCommits> lost() {
        const auto kept = store->kept_values(lost_commits_key);
        EXPECT_TRUE(kept);
        if (!kept || kept->empty()) return std::nullopt;
        return decode_lost_commits(kept->front().value);
    }
};

TEST_F(SqliteLoss, a_log_that_was_removed_after_a_kill_is_noticed) {
    store.reset();
    store = open();  // The first fifty are in the file.
    for (int i = 0; i < 7; ++i) ASSERT_TRUE(append());
    kill();
    fs::remove(path + "-wal");
    store = open();
    ASSERT_NE(store, nullptr) << "it starts all the same";
    ASSERT_FALSE(store->find_story("CA57")) << "acknowledged, and gone";
    ASSERT_TRUE(lost());
    EXPECT_EQ(lost()->count, 7);
    EXPECT_LE(lost()->from, lost()->until);
    EXPECT_GT(to_unix_s(lost()->from), 0);
    const LostCommits first = *lost();
    // It is kept, and not found again.
    ASSERT_TRUE(append());
    store.reset();
    store = open();
    EXPECT_EQ(lost(), first);
}

TEST_F(SqliteLoss, its_times_are_those_that_the_store_was_told) {
    now = t0 + std::chrono::seconds{90};
    ASSERT_TRUE(append());
    execute(path, ("VACUUM INTO '" + folder.file("backup.db") + "'").c_str());
    now = t0 + std::chrono::seconds{120};
    ASSERT_TRUE(append());
    store.reset();
    fs::copy_file(folder.file("backup.db"), path, fs::copy_options::overwrite_existing);
    store = open();
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(lost(), (LostCommits{1, t0 + std::chrono::seconds{90}, now, found_at}));
}

TEST_F(SqliteLoss, a_log_that_was_cut_after_a_kill_is_noticed) {
    kill();
    fs::resize_file(path + "-wal", fs::file_size(path + "-wal") / 2);
    store = open();
    ASSERT_NE(store, nullptr);
    ASSERT_TRUE(lost());
    EXPECT_GT(lost()->count, 0);
}

TEST_F(SqliteLoss, an_older_file_in_its_place_is_noticed_and_taken) {
    execute(path, ("VACUUM INTO '" + folder.file("backup.db") + "'").c_str());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(append());
    store.reset();
    fs::copy_file(folder.file("backup.db"), path, fs::copy_options::overwrite_existing);
    store = open();
    ASSERT_NE(store, nullptr);
    ASSERT_TRUE(lost());
    EXPECT_EQ(lost()->count, 3);
}

TEST_F(SqliteLoss, nothing_is_noticed_where_nothing_is_lost) {
    kill();
    store = open();
    EXPECT_FALSE(lost()) << "after a kill";
    ASSERT_TRUE(store->find_story("CA50"));
    store.reset();
    store = open();
    EXPECT_FALSE(lost()) << "after a clean end, where the log goes";
    kill();
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)");
    store = open();
    EXPECT_FALSE(lost()) << "somebody moved the log into the file";
    store.reset();
    fs::remove(path + "-commits");
    fs::remove(path + "-made");
    store = open();
    EXPECT_FALSE(lost()) << "a backup that was put in the place of all files";
    store.reset();
    fs::remove(path + "-commits");
    execute(path, "UPDATE commits SET count = 0, at_s = 0");
    store = open();
    EXPECT_FALSE(lost()) << "the first start after an upgrade";
}

TEST_F(SqliteLoss, a_count_that_is_gone_with_the_commits_is_told) {
    for (const bool is_removed : {true, false}) {
        SCOPED_TRACE(is_removed);
        store.reset();
        store = open();
        for (int i = 0; i < 7; ++i) ASSERT_TRUE(append());
        kill();
        fs::remove(path + "-wal");
        fs::remove(path + "-commits");
        if (!is_removed) std::ofstream(path + "-commits") << "nonsense";
        store = open();
        ASSERT_NE(store, nullptr) << "it starts all the same";
        ASSERT_TRUE(lost());
        EXPECT_EQ(lost()->count, lost_count_unknown);
        EXPECT_LE(lost()->from, lost()->until);
        EXPECT_EQ(lost()->until, found_at);
        const LostCommits first = *lost();
        store.reset();
        store = open();
        EXPECT_EQ(lost(), first) << "once";
    }
}

TEST_F(SqliteLoss, a_count_that_is_behind_after_a_power_cut_is_no_loss) {
    const std::string old = [&] {
        std::ifstream in(path + "-commits");
        return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    ASSERT_TRUE(append());
    store.reset();
    std::ofstream(path + "-commits", std::ios::trunc) << old;
    store = open();
    EXPECT_FALSE(lost());
}

TEST_F(SqliteLoss, a_database_that_is_made_anew_is_not_measured_by_the_old_one) {
    store.reset();
    fs::remove(path);
    fs::remove(path + "-made");
    store = open();
    ASSERT_NE(store, nullptr);
    EXPECT_FALSE(lost());
}

TEST(LostCommits, have_words_where_their_number_is_unknown) {
    const std::string words =
        words_of({lost_count_unknown, from_unix_s(1'772'366'400), {}, {}}, "");
    EXPECT_NE(words.find("cannot be told"), std::string::npos) << words;
    EXPECT_NE(words.find("from 2026-03-01T12:00:00"), std::string::npos) << words;
}

TEST(LostCommits, are_kept_as_text) {
    const LostCommits lost{7, from_unix_s(1'772'366'400), from_unix_s(1'772'366'460),
                           from_unix_s(1'772'370'000)};
    EXPECT_EQ(decode_lost_commits(encode(lost)), lost);
    for (const char* const odd : {"", "1,2,3", "1,2,3,x", "1,2,3,4,5"}) {
        EXPECT_FALSE(decode_lost_commits(odd)) << odd;
    }
    EXPECT_NE(words_of(lost, lost_with_file).find("7 commits"), std::string::npos);
}

}  // namespace
}  // namespace wrapup
