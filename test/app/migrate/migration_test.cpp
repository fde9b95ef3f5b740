// A state is moved between a real SQLite file and a real PostgreSQL, and comes back as it was.

#include "app/migrate/migration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "adapters/sqlite/left_behind.hpp"
#include "adapters/sqlite/store.hpp"
#include "app/doctor/doctor.hpp"
#include "app/migrate/sql_side.hpp"
#include "base/text.hpp"
#include "test/app/cli/run_command.hpp"
#include "test/postgres/fixture.hpp"
#include "test/store/differential.hpp"
#include "test/store/temporary_folder.hpp"

namespace wrapup::migrate {
namespace {

using testing::HasSubstr;
using testing::Not;

using Side = std::unique_ptr<StateSide>;

class Migration : public PostgresTest {
protected:
    static std::string sqlite_at(const std::string& folder) { return "sqlite:" + folder; }
    std::unique_ptr<SqliteStore> open_sqlite_store(const std::string& folder) {
        auto opened = SqliteStore::open({.path = folder + "/wrapup.db"});
        EXPECT_TRUE(opened) << opened.error().detail;
        return opened ? *std::move(opened) : nullptr;
    }
    static Side open(const std::string& where, Role role) {
        auto side = open_side(where, role);
        EXPECT_TRUE(side) << side.error().detail;
        return side ? *std::move(side) : nullptr;
    }
    static Result<MigrationReport> move(const std::string& from, const std::string& to,
                                        const MigrationOptions& options = {}) {
        WRAPUP_TRY(const Side source, open_side(from, Role::source));
        WRAPUP_TRY(const Side target, open_side(to, Role::target));
        return run_migration(*source, *target, options);
    }
    static void expect_moved(const std::string& from, const std::string& to) {
        const auto report = move(from, to);
        ASSERT_TRUE(report) << report.error().detail;
        EXPECT_FALSE(report->is_interrupted);
        EXPECT_EQ(report->copied_count, report->rows_count);
    }
    // Ends after so many slices.
    static MigrationOptions stopping_after(int slices) {
        MigrationOptions options;
        options.is_interrupted = [left = slices]() mutable { return left-- <= 0; };
        return options;
    }
    static std::map<std::string, std::vector<Row>> read_all(const std::string& where) {
        std::map<std::string, std::vector<Row>> all;
        const Side side = open(where, Role::source);
        const auto tables = *side->tables();
        for (const Table& table : tables) {
            auto rows = side->read(table, {}, 100'000);
            EXPECT_TRUE(rows) << table.name << ": " << rows.error().detail;
            // Texts have another order where some bytes are stored in another way.
            if (rows) std::ranges::sort(*rows);
            if (rows) all[table.name] = *std::move(rows);
        }
        return all;
    }

    static void work(EmbeddedStore& store, std::uint64_t seed = 3) {
        Differential{seed, store}.run(150);
    }
    // Rows in each table that has none, with values in each column that no other column has, bytes
    // that are no UTF-8 among them.
    void fill_up(const std::string& folder) {
        std::vector<Table> empty;
        {
            const Side side = open(sqlite_at(folder), Role::source);
            const auto tables = *side->tables();
            for (const Table& table : tables) {
                if (*side->count_rows(table) == 0) empty.push_back(table);
            }
        }
        const auto db = *sqlite::Connection::open(folder + "/wrapup.db", SQLITE_OPEN_READWRITE);
        for (const Table& table : empty) {
            for (int i = 0; i < 40; ++i) insert(*db, table, i);
        }
        ASSERT_TRUE(db->take_failure());
    }
    static void insert(sqlite::Connection& db, const Table& table, int number) {
        Row row;
        for (const Column& column : table.columns) {
            const int value = 100 * number + static_cast<int>(row.size());
            if (column.is_text) {
                row.emplace_back(std::string("\0\xFF\xF4\x8F\xBD\x81 \xC3\xA4 'x", 12) +
                                 std::to_string(value));
            } else {
                row.emplace_back(std::int64_t{value});
            }
        }
        auto query = db.query(insert_statement(table, table.name));
        int index = 0;
        for (const Cell& cell : row) bind_cell(query, ++index, cell);
        query.finish();
    }
    // A folder whose store holds what operations left, and rows in all other tables.
    std::string filled_folder() {
        work(*open_sqlite_store(from.path()));
        fill_up(from.path());
        return from.path();
    }

    TemporaryFolder from;
    TemporaryFolder back;
    const std::string& postgres = url;
};

TEST_F(Migration, brings_everything_there_and_back) {
    const std::string folder = filled_folder();
    const auto before = read_all(sqlite_at(folder));
    for (const auto& [table, rows] : before) EXPECT_FALSE(rows.empty()) << table;

    expect_moved(sqlite_at(folder), postgres);
    EXPECT_EQ(read_all(postgres), before);
    expect_moved(postgres, sqlite_at(back.path()));
    EXPECT_EQ(read_all(sqlite_at(back.path())), before);
}

// What a later step adds to one of them and not to the other refuses to be planned.
TEST_F(Migration, leaves_nothing_behind_but_what_is_named_here) {
    (void)open_sqlite_store(from.path());
    std::set<std::string> copied;
    {
        const Side sqlite = open(sqlite_at(from.path()), Role::source);
        const Side other = open(postgres, Role::target);
        const auto plan = plan_migration(*sqlite, *other);
        ASSERT_TRUE(plan) << plan.error().detail;
        for (const Table& table : *plan) {
            for (const Column& column : table.columns) {
                copied.insert(table.name + "." + column.name);
            }
        }
    }
    std::set<std::string> left;
    const auto db = *sqlite::Connection::open(from.path() + "/wrapup.db", SQLITE_OPEN_READWRITE);
    auto query = db->query(
        "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_xinfo(t.name) c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'");
    while (query.next()) {
        if (!copied.contains(query.text(0))) left.insert("sqlite " + query.text(0));
    }
    const std::string columns =
        ask("SELECT string_agg(replace(table_name, '_by_slot', '') || '.' || column_name, ' ')"
            " FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'wrapup' AND table_type = 'BASE TABLE'"
            " AND table_name NOT IN ('nodes', 'duties', 'changes')");
    for (const std::string& column : split_list(columns, ' ')) {
        if (!copied.contains(column)) left.insert("postgres " + column);
    }
    EXPECT_EQ(left, (std::set<std::string>{"postgres calls.listed_state",
                                           "postgres calls.wakes_at_ms",
                                           "postgres commits.at_ms",
                                           "postgres commits.count",
                                           "postgres commits.no",
                                           "postgres counters.slot",
                                           "postgres delays.slot",
                                           "postgres ledger.slot",
                                           "postgres outcomes.slot",
                                           "postgres deliveries.wakes_at_ms",
                                           "postgres migrations.made_at",
                                           "postgres migrations.number",
                                           "postgres migrations.oldest_program",
                                           "postgres probes.at_ms",
                                           "postgres probes.id",
                                           "sqlite calls.listed_state",
                                           "sqlite calls.wakes_at_ms",
                                           "sqlite calls.webhook_id",
                                           "sqlite commits.at_s",
                                           "sqlite commits.count",
                                           "sqlite commits.no",
                                           "sqlite deliveries.wakes_at_ms",
                                           "sqlite probes.at_ms",
                                           "sqlite probes.id"}));

    execute("ALTER TABLE wrapup.contacts ADD COLUMN nickname text NOT NULL DEFAULT ''");
    const auto refused = move(sqlite_at(from.path()), postgres);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().detail, HasSubstr("has no place for column contacts.nickname"));
}

TEST_F(Migration, a_store_works_on_there_as_here) {
    std::vector<Result<CallStory>> stories;
    {
        const auto store = open_sqlite_store(from.path());
        work(*store);
        for (int i = 0; i < 5; ++i) stories.push_back(store->find_story("CA" + std::to_string(i)));
    }
    expect_moved(sqlite_at(from.path()), postgres);

    const auto opened =
        PostgresStore::open({.url = postgres, .lease_clock = PostgresStore::LeaseClock::caller});
    ASSERT_TRUE(opened) << opened.error().detail;
    PostgresStore& store = **opened;
    EXPECT_EQ(*store.check_integrity(), std::vector<std::string>{});
    for (int i = 0; i < 5; ++i) {
        expect_same(store.find_story("CA" + std::to_string(i)),
                    stories.at(static_cast<std::size_t>(i)));
    }
    const std::vector<StoreOp> ops{AppendEvent{event_of("CA_new", "k1"), nullptr},
                                   AppendEvent{event_of("CA_newer", "k1"), nullptr}};
    const auto appended = store.commit(ops, t0 + std::chrono::hours{9});
    ASSERT_TRUE(appended) << appended.error().detail;
    for (const auto& outcome : *appended) EXPECT_TRUE(outcome);
    EXPECT_EQ(*store.check_integrity(), std::vector<std::string>{});
}

TEST_F(Migration, new_numbers_are_beyond_those_that_came) {
    expect_moved(sqlite_at(filled_folder()), postgres);
    EXPECT_EQ(ask("SELECT count(*) FROM pg_sequences WHERE schemaname = 'wrapup'"
                  " AND last_value IS NULL AND sequencename <> 'node_numbers'"),
              "0");
    for (const char* check :
         {"SELECT nextval('wrapup.call_numbers') > (SELECT max(no) FROM wrapup.calls)",
          "SELECT nextval('wrapup.delivery_ids') > (SELECT max(id) FROM wrapup.deliveries)",
          "SELECT nextval(pg_get_serial_sequence('wrapup.intents', 'no'))"
          " > (SELECT max(no) FROM wrapup.intents)",
          "SELECT nextval(pg_get_serial_sequence('wrapup.operator_actions', 'id'))"
          " > (SELECT max(id) FROM wrapup.operator_actions)"}) {
        EXPECT_EQ(ask(check), "t") << check;
    }
}

TEST_F(Migration, goes_on_where_it_was_stopped_however_often) {
    const std::string folder = filled_folder();
    const auto before = read_all(sqlite_at(folder));
    for (const auto& [source, target] :
         {std::pair(sqlite_at(folder), postgres), std::pair(postgres, sqlite_at(back.path()))}) {
        std::int64_t copied_count = 0;
        int runs_count = 0;
        for (bool is_done = false; !is_done; ++runs_count) {
            ASSERT_LT(runs_count, 500);
            // What is compared is compared anew each time.
            const auto report = move(source, target, stopping_after(runs_count < 60 ? 1 : 500));
            ASSERT_TRUE(report) << report.error().detail;
            EXPECT_EQ(report->found_count, copied_count);
            copied_count = report->copied_count;
            is_done = !report->is_interrupted;
            if (is_done) continue;
            // No store takes half of a state.
            const auto refused = PostgresStore::open({.url = postgres});
            EXPECT_EQ(refused.has_value(), target != postgres);
            if (target != postgres) {
                const auto sqlite = SqliteStore::open({.path = back.path() + "/wrapup.db"});
                ASSERT_FALSE(sqlite);
                EXPECT_THAT(sqlite.error().detail, HasSubstr("half of a state"));
            } else if (!refused) {
                EXPECT_THAT(refused.error().detail, HasSubstr("half of a state"));
            }
        }
        EXPECT_GT(runs_count, 20);
        EXPECT_EQ(read_all(target), before);
    }
}

TEST_F(Migration, half_of_another_state_is_refused_until_it_is_taken_back) {
    work(*open_sqlite_store(from.path()));
    (void)open_sqlite_store(back.path());
    ASSERT_TRUE(move(sqlite_at(from.path()), postgres, stopping_after(3)));

    const auto other = move(sqlite_at(back.path()), postgres);
    ASSERT_FALSE(other);
    EXPECT_THAT(other.error().detail,
                HasSubstr("holds half of the state of sqlite:" + from.path()));

    MigrationOptions anew;
    anew.restarts = true;
    const auto report = move(sqlite_at(back.path()), postgres, anew);
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(read_all(postgres), read_all(sqlite_at(back.path())));
}

TEST_F(Migration, a_source_that_changed_meanwhile_is_copied_anew) {
    work(*open_sqlite_store(from.path()));
    ASSERT_TRUE(move(sqlite_at(from.path()), postgres, stopping_after(5)));
    {
        const StoreOp one = AppendEvent{event_of("CA_late", "k1"), nullptr};
        ASSERT_TRUE(open_sqlite_store(from.path())->commit(std::span(&one, 1), t0));
    }
    const auto refused = move(sqlite_at(from.path()), postgres);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().detail, HasSubstr("was written to since the migration began"));

    MigrationOptions anew;
    anew.restarts = true;
    const auto report = move(sqlite_at(from.path()), postgres, anew);
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(report->found_count, 0);
    EXPECT_EQ(read_all(postgres), read_all(sqlite_at(from.path())));
}

TEST_F(Migration, a_source_that_was_moved_is_known_as_such_until_its_state_comes_back) {
    const std::filesystem::path store = from.path() + "/wrapup.db";
    work(*open_sqlite_store(from.path()));
    EXPECT_TRUE(sqlite::check_not_moved(store));
    expect_moved(sqlite_at(from.path()), postgres);
    const auto moved = sqlite::check_not_moved(store);
    ASSERT_FALSE(moved);
    EXPECT_THAT(moved.error().detail, HasSubstr("was moved to postgres://127.0.0.1:"));

    for (const char* end : {"", "-made", "-commits"}) {
        std::filesystem::remove(store.string() + end);
    }
    expect_moved(postgres, sqlite_at(from.path()));
    EXPECT_TRUE(sqlite::check_not_moved(store));
}

TEST_F(Migration, a_database_that_was_moved_is_opened_by_no_server_until_its_state_comes_back) {
    ASSERT_TRUE(PostgresStore::open({.url = postgres}));
    expect_moved(postgres, sqlite_at(from.path()));
    const auto moved = PostgresStore::open({.url = postgres});
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, Errc::conflict);
    EXPECT_THAT(moved.error().detail, HasSubstr("was moved to sqlite:" + from.path()));
    EXPECT_THAT(moved.error().detail, HasSubstr("DROP TABLE wrapup.moved_away"));
    // The state there is the one that goes on, and here no mark of it is taken for a row.
    expect_moved(postgres, sqlite_at(back.path()));

    work(*open_sqlite_store(from.path()));
    expect_moved(sqlite_at(from.path()), postgres);
    EXPECT_TRUE(PostgresStore::open({.url = postgres}));
}

TEST_F(Migration, doctor_tells_of_a_database_that_was_moved) {
    ASSERT_TRUE(PostgresStore::open({.url = postgres}));
    expect_moved(postgres, sqlite_at(from.path()));
    InspectedSettings inspected;
    inspected.settings.database_url = postgres;
    const auto findings = examine_database(inspected, false);
    const auto told = std::ranges::find_if(findings, [&](const Finding& one) {
        return one.text.find("was moved to sqlite:" + from.path()) != std::string::npos;
    });
    ASSERT_NE(told, findings.end());
    EXPECT_EQ(told->level, Finding::Level::broken);
}

TEST_F(Migration, what_is_in_use_is_let_be) {
    {
        const auto store = open_sqlite_store(from.path());
        const auto refused = move(sqlite_at(from.path()), postgres);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::conflict);
        EXPECT_THAT(refused.error().detail, HasSubstr("another wrapup is using"));
    }
    const auto store = PostgresStore::open({.url = postgres});
    ASSERT_TRUE(store);
    for (const auto& [source, target] : {std::pair(sqlite_at(from.path()), postgres),
                                         std::pair(postgres, sqlite_at(back.path()))}) {
        const auto refused = move(source, target);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::conflict);
        EXPECT_THAT(refused.error().detail, HasSubstr("a wrapup is using this database"));
    }
}

TEST_F(Migration, no_server_starts_meanwhile) {
    (void)open_sqlite_store(from.path());
    const Side source = open(sqlite_at(from.path()), Role::source);
    const Side target = open(postgres, Role::target);
    EXPECT_FALSE(SqliteStore::open({.path = from.path() + "/wrapup.db"}));
    const auto refused = PostgresStore::open({.url = postgres});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().detail, HasSubstr("a migration is using this database"));
}

TEST_F(Migration, a_target_that_holds_a_state_is_let_be) {
    work(*open_sqlite_store(from.path()));
    expect_moved(sqlite_at(from.path()), postgres);
    const auto before = read_all(postgres);
    MigrationOptions anew;
    anew.restarts = true;
    for (const auto& options : {MigrationOptions{}, anew}) {
        const auto refused = move(sqlite_at(from.path()), postgres, options);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::conflict);
        EXPECT_THAT(refused.error().detail, HasSubstr("holds a state already"));
    }
    EXPECT_EQ(read_all(postgres), before);
}

TEST_F(Migration, a_difference_is_found_and_the_target_stays_shut) {
    work(*open_sqlite_store(from.path()));
    ASSERT_TRUE(move(sqlite_at(from.path()), postgres, stopping_after(25)));
    execute("UPDATE wrapup.calls SET fence = fence + 1 WHERE no = 1");
    const auto refused = move(sqlite_at(from.path()), postgres);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().detail, HasSubstr("table calls is not the same in both"));
    EXPECT_FALSE(PostgresStore::open({.url = postgres}));
}

TEST_F(Migration, a_source_without_a_state_is_none) {
    const auto missing = move(sqlite_at(from.path() + "/nothing"), postgres);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::not_found);
    EXPECT_FALSE(std::filesystem::exists(from.path() + "/nothing"));
    const auto empty = move(postgres, sqlite_at(back.path()));
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, Errc::not_found);
    EXPECT_EQ(ask("SELECT count(*) FROM pg_namespace WHERE nspname = 'wrapup'"), "0");
}

// ---- The command ----

TEST_F(Migration, the_command_tells_what_it_did) {
    work(*open_sqlite_store(from.path()));
    const CliOutcome there =
        run({"migrate", "--from", sqlite_at(from.path()), "--to", postgres + "?password=hunter2"});
    EXPECT_EQ(there.code, exit_ok) << there.err;
    EXPECT_THAT(there.out, HasSubstr("read back the same"));
    EXPECT_THAT(there.err, HasSubstr("Start the servers there now"));
    EXPECT_THAT(there.out + there.err, Not(HasSubstr("hunter2")));

    const CliOutcome again =
        run({"migrate", "--json", "--from", postgres, "--to", sqlite_at(back.path())});
    EXPECT_EQ(again.code, exit_ok) << again.err;
    EXPECT_THAT(again.out, testing::StartsWith(R"({"ok":true,"from":"postgres://127.0.0.1:)"));
    EXPECT_THAT(again.out, HasSubstr(R"({"name":"calls","rows":)"));

    const CliOutcome refused =
        run({"migrate", "--json", "--from", postgres, "--to", sqlite_at(back.path())});
    EXPECT_EQ(refused.code, exit_failed);
    EXPECT_THAT(refused.err, HasSubstr("holds a state already"));
    EXPECT_THAT(refused.err, HasSubstr(R"("type":"about:blank")"));
}

TEST(MigrateCommand, misuse_is_2_and_quotes_no_password) {
    for (const auto& [source, target] :
         {std::pair("sqlite:a", "sqlite:b"), std::pair("postgres://a/b", "postgres://a/c"),
          std::pair("sqlite:a", ""), std::pair("postgres://u:hun/ter2@h:x", "sqlite:b"),
          std::pair("mysql://u:hunter2@h/x", "sqlite:b")}) {
        const CliOutcome outcome = run({"migrate", "--from", source, "--to", target});
        EXPECT_EQ(outcome.code, exit_unusable) << source << " " << target;
        EXPECT_THAT(outcome.err, Not(HasSubstr("ter2")));
    }
    const CliOutcome gone = run(
        {"migrate", "--from", "postgres://u:hunter2@127.0.0.1:1/x", "--to", "sqlite:/nonexistent"});
    EXPECT_EQ(gone.code, exit_failed);
    EXPECT_THAT(gone.err, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace wrapup::migrate
