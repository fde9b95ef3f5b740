// What a database had before failures were grouped.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <string_view>

#include "adapters/sqlite/handle.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/store.hpp"
#include "domain/failure.hpp"
#include "test/store/temporary_folder.hpp"

namespace wrapup {
namespace {

constexpr int deliveries_count = 6;

void make_old(const std::string& path) {
    const auto steps = sqlite::migrations();
    const auto names_failures = [](std::string_view step) {
        return step.find("CREATE TABLE failures") != std::string_view::npos;
    };
    const auto steps_before = std::ranges::find_if(steps, names_failures) - steps.begin();
    auto connection = sqlite::Connection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    ASSERT_TRUE(connection);
    const std::string mark = "PRAGMA application_id = " + std::to_string(sqlite::application_id);
    (*connection)->execute(mark.c_str());
    ASSERT_TRUE(sqlite::migrate(**connection, steps.first(static_cast<std::size_t>(steps_before))));
    for (int i = 1; i <= deliveries_count; ++i) {
        (*connection)
            ->run(
                "INSERT INTO calls (no, id, state, parked, call_sid, conversation_id, to_number, "
                "phone,"
                " first_event_at_ms, last_event_at_ms, settled_at_ms, events_count, record)"
                " VALUES (?1, 'CA' || ?1, 'parked', 'rejected', 'CA' || ?1, '', '', '', 1, 1, 1, 0,"
                " '{}')",
                i);
    }
    (*connection)->execute(R"sql(
        INSERT INTO deliveries (id, call_no, destination, state, parked, due_at_ms, attempts_count)
            VALUES (1, 1, 'crm', 'parked', 'rejected', NULL, 1),
                (2, 2, 'crm', 'pending', NULL, 9, 2),
                (3, 3, 'crm', 'accepted', NULL, NULL, 1),
                (4, 4, 'crm', 'parked', 'given_up', NULL, 1),
                (5, 5, 'crm', 'parked', 'disabled', NULL, 0),
                (6, 6, 'lake', 'parked', 'rejected', NULL, 1);
        INSERT INTO attempts (delivery_id, number, started_at_ms, elapsed_ms, outcome, http_status,
                error, answer, is_again, destination)
            VALUES (1, 1, 10, 1, 'refused', 422, '', 'row 1 is full', 0, NULL),
                (2, 1, 20, 1, 'failed', 500, '', 'trouble', 0, NULL),
                (2, 2, 30, 1, 'refused', 422, '', 'row 2 is full', 0, NULL),
                (3, 1, 10, 1, 'accepted', 200, '', 'row 3 is full', 0, NULL),
                (4, 1, 10, 1, 'refused', 422, '', 'row 4 is full', 0, NULL),
                (6, 1, 10, 1, 'refused', 422, '', 'row 6 is full', 0, 'crm');
        UPDATE calls SET state = 'delivering', parked = NULL WHERE no = 2;
        UPDATE calls SET state = 'delivered', parked = NULL WHERE no = 3;
        DELETE FROM counters;
        INSERT INTO counters SELECT name, count FROM counters_recounted;
        DELETE FROM ledger;
        INSERT INTO ledger SELECT * FROM ledger_recounted;
    )sql");
    ASSERT_TRUE((*connection)->take_failure());
}

TEST(SqliteFailures, what_failed_in_an_older_database_is_grouped) {
    const TemporaryFolder folder;
    const std::string path = folder.file("wrapup.db");
    make_old(path);
    const auto store = SqliteStore::open({path, 0});
    ASSERT_TRUE(store) << store.error().detail;
    Attempt attempt;
    attempt.outcome = AttemptOutcome::refused;
    attempt.http_status = 422;
    attempt.answer = "row 17 is full";
    const FailureList list = *(*store)->list_failures(10);
    ASSERT_EQ(list.groups.size(), 1U);
    EXPECT_EQ(list.groups[0],
              (FailureGroup{fingerprint_of("crm", attempt), "crm", AttemptOutcome::refused, 422,
                            "row # is full", 2, from_unix_ms(10), from_unix_ms(30), "CA2"}));
    EXPECT_EQ(*(*store)->check_integrity(), std::vector<std::string>{});
}

TEST(SqliteFailures, that_are_counted_wrongly_are_found) {
    const TemporaryFolder folder;
    const std::string path = folder.file("wrapup.db");
    make_old(path);
    { ASSERT_TRUE(SqliteStore::open({path, 0})); }
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, "UPDATE failures SET open = 3", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(handle);
    const auto findings = (*SqliteStore::open({path, 0}))->check_integrity();
    ASSERT_EQ(findings->size(), 1U);
    EXPECT_NE(findings->front().find("counted wrongly"), std::string::npos);
}

}  // namespace
}  // namespace wrapup
