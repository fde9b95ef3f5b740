#include "adapters/sqlite/migrations.hpp"

namespace wrapup::sqlite {

Result<void> migrate(Connection& connection, std::span<const char* const> steps) {
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

}  // namespace wrapup::sqlite
