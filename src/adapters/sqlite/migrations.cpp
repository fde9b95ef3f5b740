#include "adapters/sqlite/migrations.hpp"

#include <set>
#include <string>

#include "adapters/sql/half_migrated.hpp"
#include "adapters/sqlite/failure_rows.hpp"

namespace wrapup::sqlite {
namespace {

// "index intents_of_number" of each thing in the schema, those that SQLite makes by itself left
// out.
std::set<std::string> names_in_schema(Connection& connection) {
    std::set<std::string> names;
    Query query = connection.query(
        "SELECT type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE "
        "'\\'");
    while (query.next()) names.insert(query.text(0));
    return names;
}

}  // namespace

Result<void> migrate(Connection& connection, std::span<const char* const> steps) {
    add_failure_functions(connection);
    std::int64_t version = 0;
    {
        Query query = connection.query("PRAGMA user_version");
        if (query.next()) version = query.integer(0);
    }
    WRAPUP_CHECK(connection.take_failure());
    if (version < 0 || version > std::ssize(steps)) {
        return Error{Errc::conflict, connection.path() + ": is at version " +
                                         std::to_string(version) + ", this program knows " +
                                         std::to_string(steps.size()) +
                                         "; it was written by a newer wrapup"};
    }
    for (; version < std::ssize(steps); ++version) {
        const std::string next = "PRAGMA user_version = " + std::to_string(version + 1);
        connection.execute("BEGIN IMMEDIATE");
        connection.execute(steps[static_cast<std::size_t>(version)]);
        connection.execute(next.c_str());
        connection.execute("COMMIT");
        if (auto done = connection.take_failure(); !done) {
            if (connection.is_in_transaction()) connection.execute("ROLLBACK");
            (void)connection.take_failure();
            return done;
        }
    }
    return {};
}

Result<void> check_schema(Connection& connection, std::span<const char* const> steps) {
    const std::set<std::string> there = names_in_schema(connection);
    WRAPUP_CHECK(connection.take_failure());
    if (there.contains(std::string("table ") + sql::half_migrated)) {
        return sql::half_migrated_error(connection.path());
    }
    WRAPUP_TRY(const auto model,
               Connection::open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX));
    add_failure_functions(*model);
    for (const char* const step : steps) model->execute(step);
    const std::set<std::string> wanted = names_in_schema(*model);
    WRAPUP_CHECK(model->take_failure());
    for (const std::string& name : wanted) {
        if (there.contains(name)) continue;
        return Error{Errc::corrupt, connection.path() + ": is damaged: its " + name +
                                        " is missing; restore a backup"};
    }
    for (const std::string& name : there) {
        if (!name.starts_with("trigger ") || wanted.contains(name)) continue;
        return Error{Errc::corrupt, connection.path() + ": has a " + name +
                                        ", which wrapup did not make: drop it"};
    }
    return {};
}

}  // namespace wrapup::sqlite
