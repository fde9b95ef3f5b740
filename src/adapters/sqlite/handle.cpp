#include "adapters/sqlite/handle.hpp"

#include <algorithm>

namespace wrapup::sqlite {

Error to_error(int code, std::string_view path, std::string_view what) {
    std::string detail = std::string(path) + ": " + std::string(what);
    std::ranges::replace(detail, '\n', ' ');  // quick_check lists what it found line by line.
    switch (code & 0xff) {                    // The primary code of an extended one.
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_NOMEM:
        case SQLITE_PROTOCOL:
        case SQLITE_INTERRUPT: return {Errc::unavailable, std::move(detail)};
        case SQLITE_TOOBIG: return {Errc::invalid_input, std::move(detail)};
        // Damage, and what only damage can cause: a missing table, a broken constraint.
        default: return {Errc::corrupt, std::move(detail)};
    }
}

bool Query::next() {
    if (statement_ == nullptr || connection_.has_failed()) return false;
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) connection_.fail(code);
    return false;
}

bool Query::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Query::view(int column) const {
    const void* const bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    if (bytes == nullptr) return {};
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

std::string Query::text(int column) const { return std::string(view(column)); }

std::optional<UtcTime> Query::optional_time(int column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
}

std::optional<std::int64_t> Query::optional_integer(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

void Query::bind(int index, std::int64_t value) {
    const int code = sqlite3_bind_int64(statement_, index, value);
    if (code != SQLITE_OK) connection_.fail(code);
}

void Query::bind(int index, std::string_view value) {
    // A null pointer would bind NULL.
    const char* const bytes = value.empty() ? "" : value.data();
    const int code =
        sqlite3_bind_text64(statement_, index, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) connection_.fail(code);
}

void Query::bind_copy(int index, std::string_view value) {
    const char* const bytes = value.empty() ? "" : value.data();
    const int code =
        sqlite3_bind_text64(statement_, index, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code != SQLITE_OK) connection_.fail(code);
}

void Query::bind_null(int index, sql::NullOf) {
    const int code = sqlite3_bind_null(statement_, index);
    if (code != SQLITE_OK) connection_.fail(code);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, int flags,
                                                     const char* vfs) {
    sqlite3* handle = nullptr;
    // SQLite's own count of its memory costs a lock at each allocation, and nobody reads it. Only
    // before the first use of the library; later it is refused and changes nothing.
    static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(uncounted);
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, vfs);
    if (handle == nullptr) return to_error(SQLITE_NOMEM, path, "out of memory");
    std::unique_ptr<Connection> connection{new Connection(path, handle)};
    if (code != SQLITE_OK) return to_error(code, path, sqlite3_errmsg(handle));
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, 5000);
    return connection;
}

sqlite3_stmt* Connection::prepared(std::string_view sql) {
    if (has_failed()) return nullptr;
    if (const auto found = statements_.find(sql); found != statements_.end()) {
        return found->second.get();
    }
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
        fail(code);
        return nullptr;
    }
    statements_.emplace(sql, statement);
    return statement;
}

void Connection::execute(const char* sql) {
    if (has_failed()) return;
    const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code);
}

bool means_damage(int code) {
    const int primary = code & 0xff;
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || code == SQLITE_READONLY_DBMOVED;
}

void Connection::fail(int code) {
    is_damaged_ |= means_damage(code);
    if (!failure_) failure_ = to_error(code, path_, sqlite3_errmsg(handle_.get()));
}

void Connection::fail_corrupt(std::string_view what) {
    if (!failure_) failure_ = to_error(SQLITE_CORRUPT, path_, what);
}

Result<void> Connection::take_failure() {
    if (!failure_) return {};
    Error error = *std::move(failure_);
    failure_.reset();
    return error;
}

}  // namespace wrapup::sqlite
