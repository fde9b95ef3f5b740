#pragma once

// What both databases understand. `Db` is a connection (adapters/sql/store.hpp).

#include <functional>

#include "adapters/sql/half_migrated.hpp"
#include "app/migrate/bookmark_text.hpp"
#include "app/migrate/state_side.hpp"

namespace wrapup::migrate {

// Which tables and columns are no part of the state, and stay where they are.
bool is_left_out(std::string_view table);
bool is_left_out(std::string_view table, std::string_view column);

std::string read_statement(const Table& table, bool is_first);
std::string insert_statement(const Table& table, const std::string& into);

template <class Query>
void bind_cell(Query& query, int index, const Cell& cell) {
    if (const auto* number = std::get_if<std::int64_t>(&cell)) return query.bind(index, *number);
    if (const auto* text = std::get_if<std::string>(&cell)) {
        return query.bind(index, std::string_view(*text));
    }
    query.bind_null(index);
}

template <class Query>
Cell read_cell(Query& query, int place, const Column& column) {
    if (query.is_null(place)) return std::monostate{};
    if (column.is_text) return query.text(place);
    return query.integer(place);
}

template <class Db>
class SqlSide : public StateSide {
public:
    const std::string& name() const override { return name_; }

    Result<std::int64_t> count_rows(const Table& table) override {
        return ask_number("SELECT count(*) FROM \"" + table.name + "\"");
    }
    Result<std::int64_t> count_commits() override {
        return ask_number("SELECT CAST(coalesce(sum(count), 0) AS bigint) FROM commits");
    }

    Result<std::vector<Row>> read(const Table& table, const Row& after, int limit) override {
        std::vector<Row> rows;
        const std::string sql = read_statement(table, after.empty());
        WRAPUP_CHECK(transact([&](Db& db) {
            auto query = db.query(sql);
            int index = 0;
            for (const Cell& cell : after) bind_cell(query, ++index, cell);
            query.bind(++index, std::int64_t{limit});
            while (query.next()) {
                Row& row = rows.emplace_back();
                int place = 0;
                for (const Column& column : table.columns) {
                    row.push_back(read_cell(query, place++, column));
                }
            }
        }));
        return rows;
    }

    Result<std::optional<BegunMigration>> find_begun() override {
        WRAPUP_TRY(const bool is_begun, is_half_migrated());
        if (!is_begun) return std::optional<BegunMigration>{};
        std::map<std::string, std::string> kept;
        WRAPUP_CHECK(transact([&](Db& db) {
            auto query = db.query("SELECT key, value FROM half_migrated");
            while (query.next()) kept.emplace(query.text(0), query.text(1));
        }));
        WRAPUP_TRY(auto begun, parse_begun(kept));
        return std::optional(std::move(begun));
    }
    Result<void> begin(const BegunMigration& migration) override {
        return transact([&](Db& db) {
            db.run("CREATE TABLE half_migrated (key text PRIMARY KEY, value text NOT NULL)");
            db.run("DELETE FROM " + written_to("counters"));  // A new schema has zeros there.
            for (const auto& [key, value] : texts_of(migration)) keep(db, key, value);
        });
    }
    Result<void> write(const Table& table, std::span<const Row> rows,
                       const Bookmark& bookmark) override {
        const std::string sql = insert_statement(table, written_to(table.name));
        const std::string key = bookmark_key(table.name);
        const std::string value = to_text(bookmark);
        return transact([&](Db& db) {
            for (const Row& row : rows) {
                auto query = db.query(sql);
                int index = 0;
                for (const Cell& cell : row) bind_cell(query, ++index, cell);
                query.finish();
            }
            keep(db, key, value);
        });
    }
    Result<void> undo(std::span<const Table> tables) override {
        return transact([&](Db& db) {
            for (const Table& table : tables) db.run("DELETE FROM " + written_to(table.name));
            db.run("DROP TABLE half_migrated");
        });
    }
    Result<void> finish() override {
        return transact([&](Db& db) {
            open_up(db);
            db.run("DROP TABLE half_migrated");
        });
    }

protected:
    explicit SqlSide(std::string name) : name_(std::move(name)) {}

    // One durable transaction.
    virtual Result<void> transact(const std::function<void(Db&)>& work) = 0;
    virtual Result<bool> is_half_migrated() = 0;
    virtual void open_up(Db&) {}  // As part of finish().
    // The table behind a view.
    virtual std::string written_to(const std::string& table) const { return table; }

    Result<std::int64_t> ask_number(const std::string& sql) {
        std::int64_t number = 0;
        WRAPUP_CHECK(transact([&](Db& db) {
            auto query = db.query(sql);
            if (query.next()) number = query.integer(0);
        }));
        return number;
    }

private:
    static void keep(Db& db, const std::string& key, const std::string& value) {
        db.run(
            "INSERT INTO half_migrated (key, value) VALUES (?1, ?2)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            std::string_view(key), std::string_view(value));
    }

    std::string name_;
};

Result<std::unique_ptr<StateSide>> open_sqlite(std::string_view path, Role role);
Result<void> check_postgres(const std::string& url);
Result<std::unique_ptr<StateSide>> open_postgres(const std::string& url, Role role);

}  // namespace wrapup::migrate
