// The log whose pieces gather until they are synced.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "adapters/sqlite/log_file.hpp"
#include "base/text.hpp"
#include "test/store/temporary_folder.hpp"

namespace wrapup::sqlite {
namespace {

constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

// Of this process, so far.
std::int64_t write_calls() {
    std::ifstream io("/proc/self/io");
    for (std::string name, value; io >> name >> value;) {
        if (name == "syscw:") return parse_int(value).value_or(0);
    }
    return 0;
}

class SqliteLogFile : public testing::Test {
protected:
    SqliteLogFile() {
        writer->execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
            "PRAGMA cache_size = 10; CREATE TABLE rows (no INTEGER PRIMARY KEY, text TEXT)");
        gather_log(*writer, true);
    }
    void insert(int count) {
        const std::string text(3'000, 'x');
        writer->run("BEGIN IMMEDIATE");
        for (int i = 0; i < count; ++i) {
            writer->run("INSERT INTO rows (text) VALUES (?1)", text);
        }
    }
    static std::int64_t count(Connection& connection) {
        Query query = connection.query("SELECT count(*), sum(length(text)) FROM rows");
        if (!query.next()) return -1;
        EXPECT_EQ(query.integer(1), query.integer(0) * 3'000);
        return query.integer(0);
    }

    TemporaryFolder folder{};
    std::string path = folder.path() + "/log.db";
    std::unique_ptr<Connection> writer = *Connection::open(path, flags, log_vfs());
    std::unique_ptr<Connection> reader = *Connection::open(path, flags);
};

TEST_F(SqliteLogFile, a_transaction_reaches_the_log_in_one_write) {
    constexpr int pages = 8;  // As many as the cache holds, with what leads to them.
    const auto commit = [&] {
        insert(pages);
        const std::int64_t before = write_calls();
        writer->run("COMMIT");
        return write_calls() - before;
    };
    commit();
    const std::int64_t gathered = commit();
    gather_log(*writer, false);
    const std::int64_t in_pieces = commit();
    // A sanitizer writes as well, to look at memory.
    EXPECT_GE(in_pieces - gathered, 2 * pages - 4);
    EXPECT_EQ(count(*reader), 3 * pages);
}

TEST_F(SqliteLogFile, one_that_is_larger_than_what_is_kept_is_written_whole) {
    insert(500);
    EXPECT_EQ(count(*writer), 500) << "pages that have left the cache are read from the log";
    EXPECT_EQ(count(*reader), 0);
    writer->run("COMMIT");
    EXPECT_EQ(count(*reader), 500);
    insert(300);
    writer->run("ROLLBACK");
    insert(1);
    writer->run("COMMIT");
    EXPECT_EQ(count(*reader), 501);
    EXPECT_TRUE(writer->take_failure());
}

TEST_F(SqliteLogFile, what_is_not_synced_is_published_all_the_same) {
    gather_log(*writer, false);
    writer->execute("PRAGMA synchronous = NORMAL");
    insert(5);
    writer->run("COMMIT");
    EXPECT_EQ(count(*reader), 5);
    writer->execute("PRAGMA synchronous = FULL");
    gather_log(*writer, true);
    insert(5);
    writer->run("COMMIT");
    EXPECT_EQ(count(*reader), 10);
}

TEST_F(SqliteLogFile, a_write_that_fails_undoes_its_transaction) {
    std::signal(SIGXFSZ, SIG_IGN);
    insert(5);
    writer->run("COMMIT");
    insert(5);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit little{64U << 10U, before.rlim_max};
    insert(20);
    setrlimit(RLIMIT_FSIZE, &little);
    writer->run("COMMIT");
    setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_FALSE(writer->take_failure()) << "was committed";
    if (writer->is_in_transaction()) writer->run("ROLLBACK");
    EXPECT_EQ(count(*reader), 5);
    insert(5);
    writer->run("COMMIT");
    EXPECT_TRUE(writer->take_failure());
    EXPECT_EQ(count(*reader), 10);
}

}  // namespace
}  // namespace wrapup::sqlite
