#include "adapters/postgres/migrations.hpp"

#include <string>

#include "adapters/sql/half_migrated.hpp"

namespace wrapup::postgres {
namespace {

// Of the advisory lock: "wrapup" in ASCII.
constexpr std::int64_t lock_key = 0x777261707570;

// How many steps were made, and how many a program has to know.
struct Standing {
    std::int64_t made = 0;
    std::int64_t to_know = 0;
    bool is_half_migrated = false;
};

Standing read_standing(Connection& connection) {
    auto query = connection.query(
        "SELECT coalesce(max(number), 0), coalesce(max(oldest_program), 0),"
        " to_regclass('wrapup.' || ?1) IS NOT NULL FROM migrations",
        sql::half_migrated);
    if (!query.next()) return {};
    return {query.integer(0), query.integer(1), query.integer(2) != 0};
}

// Locks nothing.
Result<Standing> find_standing(Connection& connection) {
    Standing standing;
    connection.run("BEGIN");
    auto there = connection.query("SELECT to_regclass('wrapup.migrations') IS NOT NULL");
    if (there.next() && there.integer(0) != 0) standing = read_standing(connection);
    WRAPUP_CHECK(connection.end());
    return standing;
}

}  // namespace

Result<void> check_may_create(Connection& connection) {
    std::string role;
    std::string name;
    bool may = true;
    connection.run("BEGIN");
    auto facts = connection.query(
        "SELECT has_database_privilege(current_database(), 'CREATE'), quote_ident(current_user),"
        " quote_ident(current_database())");
    if (facts.next()) {
        may = facts.integer(0) != 0;
        role = facts.text(1);
        name = facts.text(2);
    }
    WRAPUP_CHECK(connection.end());
    if (may) return {};
    return Error{Errc::unauthorized,
                 "PostgreSQL: role " + role + " may not create the schema wrapup in database " +
                     name + ": make it the owner (ALTER DATABASE " + name + " OWNER TO " + role +
                     "), or GRANT CREATE ON DATABASE " + name + " TO " + role};
}

// A step and its note are one transaction. Of several nodes the first one makes it, for the note
// has a key; the others fail at that and look again.
Result<void> migrate(Connection& connection, std::span<const Migration> steps,
                     HalfMigrated half_migrated) {
    WRAPUP_TRY(const Standing standing, find_standing(connection));
    if (standing.is_half_migrated && half_migrated == HalfMigrated::refused) {
        return sql::half_migrated_error("PostgreSQL: the schema wrapup");
    }
    if (standing.to_know > std::ssize(steps)) {
        return Error{Errc::conflict, "PostgreSQL: the schema wrapup is at version " +
                                         std::to_string(standing.made) + ", this program knows " +
                                         std::to_string(steps.size()) +
                                         "; it was written by a newer wrapup"};
    }
    if (standing.made >= std::ssize(steps)) return {};
    WRAPUP_CHECK(check_may_create(connection));
    const std::string locked = "SELECT pg_advisory_xact_lock(" + std::to_string(lock_key) + ");";
    const std::string ground = locked +
                               "CREATE SCHEMA IF NOT EXISTS wrapup;"
                               "CREATE TABLE IF NOT EXISTS wrapup.migrations ("
                               "number bigint PRIMARY KEY, oldest_program bigint NOT NULL,"
                               " made_at timestamptz NOT NULL DEFAULT now())";
    WRAPUP_CHECK(connection.execute(ground.c_str()));
    for (std::int64_t number = 1; number <= std::ssize(steps); ++number) {
        const Migration& step = steps[static_cast<std::size_t>(number - 1)];
        WRAPUP_TRY(const Standing now, find_standing(connection));
        if (now.made >= number) continue;
        const std::string sql = locked + "INSERT INTO wrapup.migrations VALUES (" +
                                std::to_string(number) + ", " +
                                std::to_string(step.oldest_program) + ");" + step.sql;
        if (auto made = connection.execute(sql.c_str()); !made) {
            if (connection.is_lost()) return made;
            WRAPUP_TRY(const Standing then, find_standing(connection));
            if (then.made < number) return made;
        }
    }
    return {};
}

Result<void> note_moved(Connection& connection, const std::string& target) {
    connection.run("BEGIN");
    connection.run(
        "CREATE TABLE IF NOT EXISTS moved_away (target text NOT NULL,"
        " at timestamptz NOT NULL DEFAULT now())");
    connection.run("DELETE FROM moved_away");
    connection.run("INSERT INTO moved_away (target) VALUES (?1)", std::string_view(target));
    return connection.end();
}

Result<void> check_not_moved(Connection& connection) {
    bool is_marked = false;
    std::string moved;
    connection.run("BEGIN");
    auto there = connection.query("SELECT to_regclass('wrapup.moved_away') IS NOT NULL");
    is_marked = there.next() && there.integer(0) != 0;
    if (is_marked) {
        auto mark = connection.query(
            "SELECT target || ' at ' || to_char(at AT TIME ZONE 'UTC',"
            " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM moved_away");
        is_marked = mark.next();
        if (is_marked) moved = mark.text(0);
    }
    WRAPUP_CHECK(connection.end());
    if (!is_marked) return {};
    return Error{Errc::conflict,
                 "PostgreSQL: the schema wrapup: was moved to " + moved +
                     ", and would deliver what was due then a second time: remove DATABASE_URL and "
                     "serve from there, or DROP TABLE wrapup.moved_away if this state is the one "
                     "to go on with"};
}

}  // namespace wrapup::postgres
