#include "adapters/sqlite/left_behind.hpp"

#include <fstream>

#include "adapters/sqlite/file_watch.hpp"
#include "adapters/sqlite/handle.hpp"

namespace wrapup::sqlite {
namespace {

namespace fs = std::filesystem;

fs::path mark_of(const fs::path& store) { return store.string() + "-moved"; }

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

// Those that a call still makes, and those that wait to be sent.
Result<std::int64_t> count_undelivered(const std::string& path) {
    WRAPUP_TRY(const auto files, FileWatch::lock(path));
    WRAPUP_TRY(const auto connection,
               Connection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX));
    std::int64_t count = 0;
    {
        auto query = connection->query(
            "SELECT (SELECT count(*) FROM calls WHERE state IN ('open', 'settling'))"
            " + (SELECT count(*) FROM deliveries WHERE state = 'pending')");
        if (query.next()) count = query.integer(0);
    }
    WRAPUP_CHECK(connection->take_failure());
    return count;
}

}  // namespace

std::optional<LeftBehind> find_left_behind(const fs::path& store) {
    std::error_code error;
    const bool has_rows = fs::file_size(store, error) > 0 && !error;
    if (!has_rows || is_there(mark_of(store))) {
        return std::nullopt;
    }
    const auto count = count_undelivered(store.string());
    if (!count) {
        return LeftBehind{
            "the data folder's SQLite store could not be looked into: " + count.error().detail,
            "put " + store.string() + " aside if all of it is in PostgreSQL"};
    }
    if (*count == 0) return std::nullopt;
    return LeftBehind{
        std::to_string(*count) + (*count == 1 ? " record waits" : " records wait") + " in " +
            store.string() + ", which nobody sends: the state is in PostgreSQL now",
        "stop wrapup, then wrapup migrate --from sqlite:" + store.parent_path().string() +
            " --to postgres://… into an empty database; or start once without "
            "DATABASE_URL until they are sent"};
}

void note_moved(const fs::path& store, const std::string& target, UtcTime now) {
    std::ofstream(mark_of(store)) << format_rfc3339(now) << ' ' << target << '\n';
}

void forget_moved(const fs::path& store) {
    std::error_code error;
    fs::remove(mark_of(store), error);
}

Result<void> check_not_moved(const fs::path& store) {
    const fs::path mark = mark_of(store);
    if (!is_there(mark) || !is_there(store)) return {};
    std::string at;
    std::string target;
    std::ifstream(mark) >> at >> target;
    return Error{Errc::conflict, store.string() + ": was moved to " + target + " at " + at +
                                     ", and would deliver what was due then a second time: set "
                                     "DATABASE_URL, or remove " +
                                     mark.string() + " if this state is the one to go on with"};
}

}  // namespace wrapup::sqlite
