#include <algorithm>
#include <filesystem>

#include "adapters/clock/asio_clock.hpp"
#include "adapters/sqlite/data_folder.hpp"
#include "adapters/sqlite/failure_rows.hpp"
#include "adapters/sqlite/file_watch.hpp"
#include "adapters/sqlite/left_behind.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/store.hpp"
#include "app/migrate/sql_side.hpp"

namespace wrapup::migrate {
namespace {

namespace fs = std::filesystem;

using sqlite::Connection;
using sqlite::Query;

constexpr const char* settings =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = OFF;"
    "PRAGMA cache_size = -65536;";

bool has_bytes(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return !error && size > 0;
}

Table shape_of(Connection& model, std::string name) {
    Table table{std::move(name), {}, {}};
    std::vector<std::pair<std::int64_t, std::string>> key;
    // Without those that are generated.
    Query query =
        model.query("SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY name", table.name);
    while (query.next()) {
        if (!is_left_out(table.name, query.view(0))) {
            table.columns.push_back({query.text(0), query.view(1) == "TEXT"});
        }
        if (query.integer(2) > 0) key.emplace_back(query.integer(2), query.text(0));
    }
    std::ranges::sort(key);
    for (auto& [place, column] : key) table.key.push_back(std::move(column));
    return table;
}

class SqliteSide final : public SqlSide<Connection> {
public:
    explicit SqliteSide(const fs::path& path) : SqlSide("sqlite:" + path.string()), path_(path) {}

    Result<void> open(Role role) {
        WRAPUP_TRY(auto lock, DataFolderLock::acquire(path_.parent_path().string()));
        lock_.emplace(std::move(lock));
        bool is_begun = false;
        if (has_bytes(path_)) {
            WRAPUP_CHECK(connect());
            WRAPUP_TRY(is_begun, is_half_migrated());
        }
        // Whoever serves from it checks it as well, and brings it up to date.
        const bool is_taken_up = is_begun && role == Role::target;
        if (!is_taken_up) {
            disconnect();
            const UtcTime now = ClockSource::system().wall();
            WRAPUP_TRY(const auto store, SqliteStore::open({.path = path_.string(), .now = now}));
        }
        if (!connection_) WRAPUP_CHECK(connect());
        if (!is_taken_up) return {};
        return sqlite::migrate(*connection_, sqlite::migrations());
    }

    // Of what wrapup's steps make: other tables may lie beside them.
    Result<std::vector<Table>> tables() override {
        WRAPUP_TRY(const auto model,
                   Connection::open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX));
        sqlite::add_failure_functions(*model);
        for (const char* const step : sqlite::migrations()) model->execute(step);
        std::vector<std::string> names;
        {
            Query query = model->query(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name");
            while (query.next()) names.push_back(query.text(0));
        }
        std::vector<Table> found;
        for (std::string& name : names) {
            if (!is_left_out(name)) found.push_back(shape_of(*model, std::move(name)));
        }
        WRAPUP_CHECK(model->take_failure());
        return found;
    }
    Result<void> finish() override {
        WRAPUP_CHECK(SqlSide::finish());
        sqlite::forget_moved(path_);
        return {};
    }
    Result<void> note_moved_to(const std::string& target) override {
        sqlite::note_moved(path_, target, ClockSource::system().wall());
        return {};
    }

protected:
    Result<void> transact(const std::function<void(Connection&)>& work) override {
        connection_->execute("BEGIN IMMEDIATE");
        if (!connection_->has_failed()) work(*connection_);
        connection_->execute("COMMIT");
        auto done = connection_->take_failure();
        if (!done && connection_->is_in_transaction()) connection_->execute("ROLLBACK");
        (void)connection_->take_failure();
        return done;
    }
    Result<bool> is_half_migrated() override {
        bool is_there = false;
        {
            Query query = connection_->query("SELECT 1 FROM sqlite_schema WHERE name = ?1",
                                             std::string_view(sql::half_migrated));
            is_there = query.next();
        }
        WRAPUP_CHECK(connection_->take_failure());
        return is_there;
    }

private:
    Result<void> connect() {
        WRAPUP_TRY(files_, sqlite::FileWatch::lock(path_.string()));
        WRAPUP_TRY(connection_,
                   Connection::open(path_.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX));
        std::int64_t owner = 0;
        {
            Query query = connection_->query("PRAGMA application_id");
            if (query.next()) owner = query.integer(0);
        }
        WRAPUP_CHECK(connection_->take_failure());
        if (owner != sqlite::application_id) {
            return Error{Errc::corrupt, path_.string() + ": is not a wrapup database"};
        }
        connection_->execute(settings);
        return connection_->take_failure();
    }
    void disconnect() {
        connection_.reset();
        files_ = {};
    }

    fs::path path_;
    std::optional<DataFolderLock> lock_;
    sqlite::FileWatch files_;  // To be closed after SQLite has closed the file.
    std::unique_ptr<Connection> connection_;
};

}  // namespace

Result<std::unique_ptr<StateSide>> open_sqlite(std::string_view where, Role role) {
    std::error_code error;
    fs::path path = fs::weakly_canonical(fs::path(std::string(where)), error);
    if (error) {
        return Error{Errc::unavailable, std::string(where) + ": " + error.message()};
    }
    if (path.filename() != "wrapup.db") path /= "wrapup.db";
    path = path.lexically_normal();
    if (role == Role::source && !has_bytes(path)) {
        return Error{Errc::not_found, path.string() + ": there is no such store"};
    }
    auto side = std::make_unique<SqliteSide>(path);
    WRAPUP_CHECK(side->open(role));
    return std::unique_ptr<StateSide>(std::move(side));
}

}  // namespace wrapup::migrate
