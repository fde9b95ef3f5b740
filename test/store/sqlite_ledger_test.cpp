// The ledger of the SQLite store: what a database had before there was one, and stopping an audit.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "adapters/sqlite/handle.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/store.hpp"
#include "core/store/ledger.hpp"
#include "test/store/operations.hpp"
#include "test/store/temporary_folder.hpp"

namespace wrapup {
namespace {

constexpr TimeSpan everything{from_unix_s(0), from_unix_s(4'000'000'000)};

// A database of the version before the ledger.
void make_old(const std::string& path) {
    constexpr std::size_t steps_before = 3;
    auto connection = sqlite::Connection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    ASSERT_TRUE(connection);
    const std::string mark = "PRAGMA application_id = " + std::to_string(sqlite::application_id);
    (*connection)->execute(mark.c_str());
    ASSERT_TRUE(sqlite::migrate(**connection, sqlite::migrations().first(steps_before)));
    (*connection)->execute(R"sql(
        INSERT INTO calls (id, state, parked, call_sid, conversation_id, to_number, phone,
                first_event_at_ms, last_event_at_ms, due_at_ms, events_count)
            VALUES ('CA1', 'open', NULL, 'CA1', '', '', '', 899999, 0, 0, 0),
                ('CA2', 'delivered', NULL, 'CA2', '', '', '', 900000, 0, NULL, 0),
                ('conv_1', 'parked', 'unlinked', '', 'conv_1', '', '', 900000, 0, NULL, 0),
                ('conv_2', 'merged', NULL, '', 'conv_2', '', '', 900000, 0, NULL, 0),
                ('CA3', 'delivered', NULL, 'CA3', '', '', '', 900001, 0, NULL, 0);
        UPDATE calls SET merged_into = 'CA3' WHERE state = 'merged';
        DELETE FROM counters;
        INSERT INTO counters SELECT name, count FROM counters_recounted;
    )sql");
    ASSERT_TRUE((*connection)->take_failure());
}

TEST(SqliteLedger, counts_the_calls_of_an_older_database) {
    const TemporaryFolder folder;
    const std::string path = folder.file("wrapup.db");
    make_old(path);
    const auto store = SqliteStore::open({path, 0});
    ASSERT_TRUE(store) << store.error().detail;
    const LedgerColumn accepted{LedgerColumn::Kind::accepted, {}};
    const LedgerColumn in_flight{LedgerColumn::Kind::in_flight, {}};
    const LedgerColumn unlinked{LedgerColumn::Kind::parked, ParkReason::unlinked};
    EXPECT_EQ(
        (*store)->ledger(everything)->cells,
        (LedgerCells{{{0, in_flight}, {1, 0}}, {{1, accepted}, {2, 0}}, {{1, unlinked}, {1, 1}}}));
    EXPECT_EQ(*(*store)->check_integrity(), std::vector<std::string>{});
    // From here on it is kept.
    const StoreOp op = NoteCallCreated{"CA1", t0};
    ASSERT_TRUE((*store)->commit(std::span(&op, 1), t0));
    EXPECT_EQ((*store)->audit_ledger()->kept.cells.rbegin()->first,
              (LedgerCell{quarter_of(t0), in_flight}));
    EXPECT_EQ(*(*store)->check_integrity(), std::vector<std::string>{});
}

// A database of the version that counted samples.
TEST(SqliteLedger, samples_that_were_counted_leave_the_counters) {
    const TemporaryFolder folder;
    const std::string path = folder.file("wrapup.db");
    {
        constexpr std::size_t steps_before = 21;
        auto connection =
            sqlite::Connection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        ASSERT_TRUE(connection);
        const std::string mark =
            "PRAGMA application_id = " + std::to_string(sqlite::application_id);
        (*connection)->execute(mark.c_str());
        ASSERT_TRUE(sqlite::migrate(**connection, sqlite::migrations().first(steps_before)));
        (*connection)->execute(R"sql(
            INSERT INTO calls (id, state, parked, call_sid, conversation_id, to_number, phone,
                    first_event_at_ms, last_event_at_ms, due_at_ms, events_count, outcome, record,
                    settled_at_ms)
                VALUES ('CA1', 'delivered', NULL, 'CA1', '', '', '', 0, 0, NULL, 0, 'held', 'r', 1),
                    ('CA7e57ca117e57ca110aaaaaaaaaaaaaaa', 'delivering', NULL,
                        'CA7e57ca117e57ca110aaaaaaaaaaaaaaa', '', '', '', 0, 0, NULL, 0, 'held',
                        'r', 1),
                    ('CA7e57ca117e57ca110bbbbbbbbbbbbbbb', 'parked', 'rejected',
                        'CA7e57ca117e57ca110bbbbbbbbbbbbbbb', '', '', '', 0, 0, NULL, 0, 'held',
                        'r', 1);
            INSERT INTO deliveries (call_no, destination, state, webhook_id, due_at_ms)
                SELECT no, 'crm', 'pending', 'msg_1', 1 FROM calls WHERE state = 'delivering';
            DELETE FROM counters;
            INSERT INTO counters SELECT name, count FROM counters_recounted;
            INSERT INTO outcomes SELECT * FROM outcomes_recounted;
            INSERT INTO ledger SELECT * FROM ledger_recounted;
        )sql");
        ASSERT_TRUE((*connection)->take_failure());
    }
    const auto store = SqliteStore::open({path, 0});
    ASSERT_TRUE(store) << store.error().detail;
    EXPECT_EQ(*(*store)->check_integrity(), std::vector<std::string>{});
    const auto counts = (*store)->counts();
    for (const auto& [reason, count] : counts->parked) EXPECT_EQ(count, 0);
    EXPECT_EQ(counts->deliveries_pending(), 0);
    EXPECT_EQ((*store)->stats(everything)->outcomes,
              (std::vector<OutcomeSum>{{"", Outcome::held, 1}}));
}

TEST(SqliteLedger, that_counts_wrongly_is_found) {
    const TemporaryFolder folder;
    const std::string path = folder.file("wrapup.db");
    make_old(path);
    {
        const auto store = SqliteStore::open({path, 0});
        ASSERT_TRUE(store);
    }
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, "UPDATE ledger SET calls = 7 WHERE column_name = 'in_flight'",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(handle);
    const auto store = SqliteStore::open({path, 0});
    ASSERT_TRUE(store);
    const auto findings = *(*store)->check_integrity();
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0],
              "the ledger counts 7 calls as in_flight (0 of them without a CallSid) in the quarter "
              "of an hour from 1970-01-01T00:00Z, a recount says otherwise");
}

TEST(SqliteLedger, audits_do_not_hold_up_a_stop) {
    const TemporaryFolder folder;
    const auto store = SqliteStore::open({folder.file("wrapup.db"), 0});
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->audit_ledger());
    (*store)->stop_audits();
    const auto refused = (*store)->audit_ledger();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_TRUE((*store)->ledger(everything)) << "everything else goes on";
    const StoreOp op = AppendEvent{event_of("CA1", "a")};
    EXPECT_TRUE((*store)->commit(std::span(&op, 1), t0));
}

}  // namespace
}  // namespace wrapup
