// The file of the SQLite store: what is kept, what is refused, and by which name.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "adapters/sqlite/data_folder.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/store.hpp"
#include "test/store/operations.hpp"
#include "test/store/temporary_folder.hpp"

namespace wrapup {
namespace {

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
}

void write_bytes(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

void execute(const std::string& path, const char* sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
}

class SqliteFile : public testing::Test {
protected:
    std::unique_ptr<SqliteStore> open() {
        auto store = SqliteStore::open({path, 0});
        EXPECT_TRUE(store) << store.error().detail;
        return store ? std::move(*store) : nullptr;
    }
    // A closed database with some calls in it.
    void fill(int calls_count) {
        const auto store = open();
        std::vector<StoreOp> ops;
        for (int i = 0; i < calls_count; ++i) {
            ops.push_back(AppendEvent{event_of("CA" + std::to_string(i), "a")});
        }
        ASSERT_TRUE(store->commit(ops, t0));
    }
    // Refuses to open, names the file, and leaves every byte as it was.
    void expect_refusal(Errc code) {
        const std::string before = bytes_of(path);
        const auto store = SqliteStore::open({path, 0});
        ASSERT_FALSE(store) << "was opened";
        EXPECT_EQ(store.error().code, code) << store.error().detail;
        EXPECT_NE(store.error().detail.find(path), std::string::npos) << store.error().detail;
        EXPECT_EQ(bytes_of(path), before);
    }

    TemporaryFolder folder;
    std::string path = folder.file("data/wrapup.db");
};

// Otherwise a commit has to move it, and everybody waits.
TEST_F(SqliteFile, the_log_is_moved_into_the_file_while_nobody_writes) {
    const auto store = open();
    const std::string payload = "\"" + std::string(4'000'000, 'x') + "\"";
    for (int i = 0; i < 6; ++i) {
        NewEvent event = event_of("CA1", std::to_string(i));
        event.payload = payload;
        const std::vector<StoreOp> ops{AppendEvent{std::move(event)}};
        ASSERT_TRUE(store->commit(ops, t0));
    }
    const std::uintmax_t wanted = 12'000'000;  // Of 24 MB; what is newer may wait.
    const auto give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::filesystem::file_size(path) < wanted &&
           std::chrono::steady_clock::now() < give_up_at) {
        std::this_thread::sleep_for(milliseconds{5});
    }
    EXPECT_GE(std::filesystem::file_size(path), wanted);
}

TEST_F(SqliteFile, remembers_when_it_was_last_written_to) {
    EXPECT_EQ(*open()->last_written_at(), std::nullopt);
    fill(1);
    EXPECT_EQ(*open()->last_written_at(), std::chrono::floor<seconds>(t0));
}

TEST_F(SqliteFile, opening_again_finds_everything) {
    CallStory before;
    {
        const auto store = open();
        NewEvent event = event_of("CA1", "a");
        event.conversation_id = "conv_1";
        ASSERT_TRUE(store->commit(std::vector<StoreOp>{AppendEvent{event}}, t0));
        SettleCall op = answer_to(*store->claim_call("CA1", t0, lease));
        op.then = fix_of();
        op.metadata.emplace().name = "Ada";
        op.progress.twilio_asked_at = t0;
        ASSERT_TRUE(store->commit(std::vector<StoreOp>{op}, t0));
        const auto claimed = store->claim_deliveries("crm", t0, lease, 1, {});
        ASSERT_EQ(claimed->claimed.size(), 1U);
        before = *store->find_story("CA1");
    }
    const auto store = open();
    expect_same(*store->find_story("CA1"), before);
    EXPECT_EQ(*store->resolve("conv_1"), "CA1");
    ASSERT_TRUE(store->void_leases(t0 + seconds{1}));
    const auto again = store->claim_deliveries("crm", t0 + seconds{1}, lease, 1, {});
    ASSERT_EQ(again->claimed.size(), 1U);
    EXPECT_EQ(again->claimed.front().unresolved_since, t0);
    EXPECT_EQ(*store->check_integrity(), std::vector<std::string>{});
}

TEST_F(SqliteFile, nobody_else_may_read_it) {
    const auto store = open();
    EXPECT_EQ(mode_of(path), mode_t{0600});
    EXPECT_EQ(mode_of(path + "-wal"), mode_t{0600});
    EXPECT_EQ(mode_of(folder.file("data")), mode_t{0700});
}

TEST_F(SqliteFile, what_is_no_database_is_left_alone) {
    fill(1);
    write_bytes(path, std::string(8192, 'x'));
    expect_refusal(Errc::corrupt);
}

TEST_F(SqliteFile, somebody_elses_database_is_left_alone) {
    ASSERT_TRUE(make_data_folder(folder.file("data")));
    execute(path, "CREATE TABLE theirs (a)");
    expect_refusal(Errc::corrupt);
}

TEST_F(SqliteFile, a_shortened_database_is_left_alone) {
    fill(500);
    const std::string whole = bytes_of(path);
    write_bytes(path, whole.substr(0, whole.size() / 2));
    expect_refusal(Errc::corrupt);
    write_bytes(path, whole.substr(0, 100));
    expect_refusal(Errc::corrupt);
}

TEST_F(SqliteFile, a_damaged_page_is_found_at_the_start) {
    fill(500);
    std::string bytes = bytes_of(path);
    for (std::size_t page = 2; page < bytes.size() / 4096; page += 2) {
        bytes.replace(page * 4096, 64, std::string(64, '\xff'));
    }
    write_bytes(path, bytes);
    expect_refusal(Errc::corrupt);
}

TEST_F(SqliteFile, a_log_without_its_database_is_left_alone) {
    fill(1);
    std::filesystem::remove(path);
    write_bytes(path + "-wal", "frames");
    expect_refusal(Errc::corrupt);
    EXPECT_FALSE(std::filesystem::exists(path));
    write_bytes(path, "");
    expect_refusal(Errc::corrupt);
    EXPECT_EQ(bytes_of(path + "-wal"), "frames");
}

TEST_F(SqliteFile, damage_while_running_is_reported_as_such) {
    fill(2000);
    const auto store = open();
    std::string bytes = bytes_of(path);
    for (std::size_t page = 1; page < bytes.size() / 4096; ++page) {
        bytes.replace(page * 4096, 4096, std::string(4096, '\xff'));
    }
    {
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        file << bytes;
    }
    const auto story = store->find_story("CA77");
    ASSERT_FALSE(story);
    EXPECT_EQ(story.error().code, Errc::corrupt);
    EXPECT_NE(story.error().detail.find(path), std::string::npos);
    const auto findings = store->check_integrity();
    EXPECT_TRUE(!findings || !findings->empty());
}

TEST_F(SqliteFile, a_row_that_breaks_a_promise_is_found) {
    fill(2);
    execute(path, "UPDATE calls SET due_at_ms = NULL WHERE id = 'CA1'");
    EXPECT_EQ(*open()->check_integrity(), (std::vector<std::string>{"CA1 is open and not due"}));
    execute(path, "UPDATE calls SET state = 'dreaming', due_at_ms = 1 WHERE id = 'CA1'");
    const auto story = open()->find_story("CA1");
    ASSERT_FALSE(story);
    EXPECT_EQ(story.error().code, Errc::corrupt);
}

TEST_F(SqliteFile, a_newer_database_is_refused_by_number) {
    fill(1);
    execute(path, "PRAGMA user_version = 99");
    expect_refusal(Errc::conflict);
    EXPECT_NE(SqliteStore::open({path, 0}).error().detail.find("version 99"), std::string::npos);
}

// SQLite takes such a file for whole; without its indexes a number would be rung twice.
TEST_F(SqliteFile, a_schema_that_somebody_changed_is_refused_by_name) {
    fill(1);
    const auto refusal = [&] {
        const auto opened = SqliteStore::open({path, 0});
        if (opened) return std::string("opened");
        EXPECT_EQ(opened.error().code, Errc::corrupt);
        return opened.error().detail;
    };
    execute(path, "CREATE INDEX mine ON calls (id)");
    EXPECT_EQ(refusal(), "opened");
    execute(path, "CREATE TRIGGER forget AFTER INSERT ON calls BEGIN DELETE FROM calls; END");
    EXPECT_THAT(refusal(), testing::HasSubstr("has a trigger forget"));
    execute(path, "DROP TRIGGER forget; DROP INDEX intents_of_number");
    EXPECT_THAT(refusal(), testing::HasSubstr("its index intents_of_number is missing"));
    execute(path, "DROP TABLE do_not_call");
    EXPECT_THAT(refusal(), testing::HasSubstr("is missing; restore a backup"));
}

TEST_F(SqliteFile, a_place_that_cannot_be_written_is_unavailable) {
    write_bytes(folder.file("data"), "a file where the folder should be");
    EXPECT_EQ(SqliteStore::open({path, 0}).error().code, Errc::unavailable);
    EXPECT_EQ(SqliteStore::open({"/proc/wrapup/x.db", 0}).error().code, Errc::unavailable);
}

TEST_F(SqliteFile, migrations_go_from_version_to_version) {
    ASSERT_TRUE(make_data_folder(folder.file("data")));
    const auto connection =
        *sqlite::Connection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    const std::array steps{"CREATE TABLE one (a)", "ALTER TABLE one ADD COLUMN b",
                           "UPDATE one SET b = a"};
    const auto version = [&] {
        auto query = connection->query("PRAGMA user_version");
        return query.next() ? query.integer(0) : -1;
    };
    ASSERT_TRUE(sqlite::migrate(*connection, std::span(steps).first(1)));
    EXPECT_EQ(version(), 1);
    connection->execute("INSERT INTO one VALUES (7)");
    ASSERT_TRUE(sqlite::migrate(*connection, steps));
    EXPECT_EQ(version(), 3);
    {
        auto query = connection->query("SELECT b FROM one");
        ASSERT_TRUE(query.next());
        EXPECT_EQ(query.integer(0), 7);
    }
    ASSERT_TRUE(sqlite::migrate(*connection, steps));
    EXPECT_EQ(sqlite::migrate(*connection, std::span(steps).first(2)).error().code, Errc::conflict);

    const std::array broken{steps[0], steps[1], steps[2], "DROP TABLE one; no sql"};
    EXPECT_FALSE(sqlite::migrate(*connection, broken));
    EXPECT_EQ(version(), 3);
    EXPECT_EQ(connection->run("UPDATE one SET b = 8"), 1);
}

TEST(SqliteErrors, mean_what_a_caller_can_do) {
    struct Row {
        int code;
        Errc means;
    };
    constexpr std::array rows{
        Row{SQLITE_FULL, Errc::unavailable},     Row{SQLITE_IOERR_WRITE, Errc::unavailable},
        Row{SQLITE_BUSY, Errc::unavailable},     Row{SQLITE_CANTOPEN_ISDIR, Errc::unavailable},
        Row{SQLITE_READONLY, Errc::unavailable}, Row{SQLITE_NOMEM, Errc::unavailable},
        Row{SQLITE_CORRUPT, Errc::corrupt},      Row{SQLITE_CORRUPT_INDEX, Errc::corrupt},
        Row{SQLITE_NOTADB, Errc::corrupt},       Row{SQLITE_CONSTRAINT_UNIQUE, Errc::corrupt},
        Row{SQLITE_TOOBIG, Errc::invalid_input},
    };
    for (const Row& row : rows) {
        const Error error = sqlite::to_error(row.code, "/x/wrapup.db", "what");
        EXPECT_EQ(error.code, row.means) << row.code;
        EXPECT_EQ(error.detail, "/x/wrapup.db: what");
    }
}

// The exit code tells: 0 acquired, 1 refused as it should be, 2 anything else.
int acquire_elsewhere(const std::string& folder) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = DataFolderLock::acquire(folder);
        if (lock) ::_exit(0);
        const bool is_named = lock.error().detail.find(folder) != std::string::npos;
        ::_exit(lock.error().code == Errc::conflict && is_named ? 1 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

TEST(DataFolder, lets_one_process_in) {
    const TemporaryFolder folder;
    const std::string path = folder.file("a/b");
    {
        const auto lock = DataFolderLock::acquire(path);
        ASSERT_TRUE(lock) << lock.error().detail;
        EXPECT_EQ(acquire_elsewhere(path), 1);
        const auto second = DataFolderLock::acquire(path);
        ASSERT_FALSE(second);
        EXPECT_NE(second.error().detail.find("(process " + std::to_string(::getpid()) + ")"),
                  std::string::npos);
    }
    EXPECT_EQ(acquire_elsewhere(path), 0);
    EXPECT_TRUE(DataFolderLock::acquire(path));
}

}  // namespace
}  // namespace wrapup
