#include "app/migrate/state_side.hpp"

#include <algorithm>
#include <array>

#include "app/migrate/sql_side.hpp"

namespace wrapup::migrate {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

// "a, b" of quoted names, each with something around it.
std::string list_of(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        if (!list.empty()) list += ", ";
        list.append("\"").append(name).append("\"");
    }
    return list;
}

std::vector<std::string> names_of(const std::vector<Column>& columns) {
    std::vector<std::string> names;
    for (const Column& column : columns) names.push_back(column.name);
    return names;
}

std::string parameters(std::size_t count) {
    std::string list;
    for (std::size_t i = 1; i <= count; ++i) {
        list.append(i == 1 ? "?" : ", ?").append(std::to_string(i));
    }
    return list;
}

}  // namespace

Row key_of(const Table& table, const Row& row) {
    Row key;
    for (const std::string& name : table.key) {
        const auto found = std::ranges::find(table.columns, name, &Column::name);
        key.push_back(row.at(static_cast<std::size_t>(found - table.columns.begin())));
    }
    return key;
}

// The log of schema steps, the probe's row and the count of commits are each database's own; nodes
// are those that run.
bool is_left_out(std::string_view table) {
    constexpr std::array<std::string_view, 8> names{
        "migrations", "probes",  "commits",          "nodes",
        "duties",     "changes", sql::half_migrated, "moved_away"};
    return std::ranges::find(names, table) != names.end();
}

// What nothing reads any more.
bool is_left_out(std::string_view table, std::string_view column) {
    return table == "calls" && column == "webhook_id";
}

std::string read_statement(const Table& table, bool is_first) {
    std::string sql = "SELECT " + list_of(names_of(table.columns)) + " FROM \"" + table.name + "\"";
    const std::size_t given_count = is_first ? 0 : table.key.size();
    if (!is_first) {
        sql += " WHERE (" + list_of(table.key) + ") > (" + parameters(given_count) + ")";
    }
    return sql + " ORDER BY " + list_of(table.key) + " LIMIT ?" + std::to_string(given_count + 1);
}

std::string insert_statement(const Table& table, const std::string& into) {
    return "INSERT INTO \"" + into + "\" (" + list_of(names_of(table.columns)) + ") VALUES (" +
           parameters(table.columns.size()) + ")";
}

bool is_sqlite(std::string_view where) { return where.starts_with(sqlite_scheme); }

Result<void> check_side(std::string_view where) {
    if (!is_sqlite(where)) return check_postgres(std::string(where));
    if (where.size() > sqlite_scheme.size()) return {};
    return Error{Errc::invalid_input, "wants the path of a data folder after sqlite:"};
}

Result<std::unique_ptr<StateSide>> open_side(std::string_view where, Role role) {
    WRAPUP_CHECK(check_side(where));
    if (!is_sqlite(where)) return open_postgres(std::string(where), role);
    return open_sqlite(where.substr(sqlite_scheme.size()), role);
}

}  // namespace wrapup::migrate
