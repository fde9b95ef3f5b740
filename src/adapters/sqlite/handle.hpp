#pragma once

// SQLite's C interface as values that clean up after themselves. A connection remembers its first
// failure and does nothing more until it was taken: code reads as if nothing could fail, and asks
// once at the end of its transaction.

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/sql/binding.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace wrapup::sqlite {

// What a result code means to us; `path` names the database to the operator.
Error to_error(int code, std::string_view path, std::string_view what);

class Connection;

// A statement in use: binds, steps, and is reset when it goes out of scope. Of one SQL text only
// one may be in use at a time on a connection.
class Query {
public:
    Query(Connection& connection, sqlite3_stmt* statement)
        : connection_(connection), statement_(statement) {}
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    ~Query() { sqlite3_reset(statement_); }

    // True when there is a row to read.
    bool next();
    void finish() {  // Runs to the end.
        while (next()) {
        }
    }

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    std::string text(int column) const;
    std::string_view view(int column) const;  // Until the next step.
    UtcTime time(int column) const { return from_unix_ms(integer(column)); }
    std::optional<UtcTime> optional_time(int column) const;
    std::optional<std::int64_t> optional_integer(int column) const;
    // One process, one clock.
    std::optional<UtcTime> lease(int column) const { return optional_time(column); }

    void bind(int index, std::int64_t value);
    void bind(int index, std::string_view value);
    void bind_copy(int index, std::string_view value);  // The others refer to what is bound.
    void bind_null(int index, sql::NullOf of = sql::NullOf::any);
    void bind_lease(int index, std::optional<UtcTime> until) { bind_any(index, until); }
    template <class Value>
    void bind_any(int index, const Value& value) {
        sql::bind_any(*this, index, value);
    }

private:
    Connection& connection_;
    sqlite3_stmt* statement_;
};

class Connection {
public:
    using Query = sqlite::Query;
    static constexpr bool counts_in_slots = false;

    // Flags and VFS as of sqlite3_open_v2.
    static Result<std::unique_ptr<Connection>> open(const std::string& path, int flags,
                                                    const char* vfs = nullptr);

    // Runs the statement for its rows, or to its end; run() returns how many rows it changed. Text
    // arguments must outlive the query. Statements are prepared once.
    template <class... Values>
    Query query(std::string_view sql, const Values&... values);
    template <class... Values>
    std::int64_t run(std::string_view sql, const Values&... values);
    // One or several statements, prepared anew each time.
    void execute(const char* sql);

    std::int64_t last_row_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
    bool is_in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
    sqlite3* handle() const { return handle_.get(); }
    const std::string& path() const { return path_; }

    bool has_failed() const { return failure_.has_value(); }
    // SQLite once met bytes that it never wrote. Stays so.
    bool is_damaged() const { return is_damaged_; }
    void fail(int code);
    void fail_corrupt(std::string_view what);
    // Hands out the failure, if any, and is usable again.
    Result<void> take_failure();

private:
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    struct Hash {
        using is_transparent = void;
        // Of statements some bytes tell as much as all: their hundreds are few.
        std::size_t operator()(std::string_view text) const {
            const std::size_t step = std::max<std::size_t>(text.size() / 16, 1);
            std::size_t hash = text.size();
            for (std::size_t at = 0; at < text.size(); at += step) {
                hash = hash * 31 + static_cast<unsigned char>(text[at]);
            }
            return hash;
        }
    };

    Connection(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
    sqlite3_stmt* prepared(std::string_view sql);

    std::string path_;
    std::unique_ptr<sqlite3, Close> handle_;
    std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, Hash, std::equal_to<>>
        statements_;
    std::optional<Error> failure_;
    bool is_damaged_ = false;
};

// A result code that only damage, or another file in our file's place, leads to.
bool means_damage(int code);

// ---- Details ----

template <class... Values>
Query Connection::query(std::string_view sql, const Values&... values) {
    sqlite3_stmt* const statement = prepared(sql);
    if (statement != nullptr) {
        Query binding{*this, statement};
        int index = 0;
        (binding.bind_any(++index, values), ...);
    }
    return Query{*this, statement};
}

template <class... Values>
std::int64_t Connection::run(std::string_view sql, const Values&... values) {
    Query query = this->query(sql, values...);
    query.finish();
    return has_failed() ? 0 : sqlite3_changes64(handle_.get());
}

}  // namespace wrapup::sqlite
