#include "app/cli/list_file.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/console_text.hpp"
#include "base/text.hpp"
#include "import/import_table.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;
using F = ImportField;

// What becomes of a column.
struct ListColumn {
    std::string name;
    std::optional<ImportField> field;  // Nothing: it is a variable.
    bool is_left_out = false;
};

std::string_view field_name(ImportField field) {
    return field == F::phone ? "to" : to_string(field);
}

std::vector<ListColumn> columns_of(const ColumnMap& map, const std::vector<std::string>& names,
                                   const std::vector<ColumnRule>& rules) {
    std::vector<ListColumn> columns;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto leaves_out = [&](const ColumnRule& rule) {
            return rule.column == names[i] && rule.field.empty();
        };
        const bool is_left_out = names[i].empty() || std::ranges::any_of(rules, leaves_out);
        columns.push_back({names[i], map.fields[i], is_left_out});
    }
    return columns;
}

std::string taken_as(const ListColumn& column) {
    if (column.field) return std::string(to_string(*column.field));
    return column.is_left_out ? "-" : "variable";
}

// What is wrong with a row's bytes; empty: nothing.
std::string bad_text(const std::vector<ListColumn>& columns, const ImportRow& row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (to_valid_utf8(row.cells[i]) != row.cells[i]) return columns[i].name + " is not UTF-8";
    }
    return "";
}

ListFile::Row row_of(const std::vector<ListColumn>& columns, const ImportRow& row,
                     const ListRowDefaults& defaults) {
    json::object call;
    json::object variables = defaults.variables;
    std::string first;
    std::string last;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const ListColumn& column = columns[i];
        const std::string cell(trim(row.cells[i]));
        if (column.is_left_out || cell.empty()) continue;
        if (column.field == F::first_name) {
            first = cell;
        } else if (column.field == F::last_name) {
            last = cell;
        } else if (!column.field) {
            variables[column.name] = cell;
        } else {
            call[field_name(*column.field)] = cell;
        }
    }
    if (!call.contains("name") && !(first + last).empty()) {
        call["name"] = std::string(trim(first + " " + last));
    }
    if (defaults.read_phone && call.contains("to")) {
        // What is no number stays, and is named with its line by whoever checks the rows.
        if (auto number = defaults.read_phone(call["to"].as_string())) {
            call["to"] = *std::move(number);
        }
    }
    const bool has_time_zone = call.contains("time_zone");
    if (!has_time_zone && !defaults.time_zone.empty()) call["time_zone"] = defaults.time_zone;
    if (!variables.empty()) call["variables"] = std::move(variables);
    return {row.line, std::move(call), has_time_zone};
}

bool has_word(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

bool is_like_name(std::string_view column) {
    constexpr std::array words{"name", "kunde", "nombre", "naam", "nome"};
    const std::string lower = to_lower(column);
    return std::ranges::any_of(words, [&](const char* word) { return has_word(lower, word); });
}

bool is_like_time_zone(std::string_view column, std::string_view cell) {
    constexpr std::array areas{"Africa/",    "America/", "Antarctica/", "Asia/",   "Atlantic/",
                               "Australia/", "Europe/",  "Indian/",     "Pacific/"};
    return has_word(to_lower(column), "zone") ||
           std::ranges::any_of(areas, [&](const char* area) { return cell.starts_with(area); });
}

// A name or a zone that nobody takes for one is a person rung at night, or by no name.
std::vector<std::string> doubts_of(const std::vector<ListColumn>& columns, ImportTable table,
                                   const ListRowDefaults& defaults) {
    const auto is_taken = [&](ImportField field) {
        return std::ranges::find(columns, field, &ListColumn::field) != columns.end();
    };
    const bool has_name = is_taken(F::name) || is_taken(F::first_name) || is_taken(F::last_name);
    const bool has_zone = is_taken(F::time_zone) || !defaults.time_zone.empty();
    auto first = table.next();
    while (first && !first->problem.empty()) first = table.next();  // It has no cells.
    std::vector<std::string> doubts;
    const auto doubt = [&](const ListColumn& column, const std::string& field) {
        const std::string name = terminal_text(column.name);
        doubts.push_back(name + " looks like the " + field +
                         ", and is taken as a variable: --map " + shell_word(name + "=" + field) +
                         " takes it as such");
    };
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const ListColumn& column = columns[i];
        if (column.field || column.is_left_out) continue;
        const std::string_view cell = first ? trim(first->cells[i]) : std::string_view();
        if (!has_zone && is_like_time_zone(column.name, cell)) {
            doubt(column, "time_zone");
        } else if (!has_name && is_like_name(column.name)) {
            doubt(column, "name");
        }
    }
    return doubts;
}

std::vector<std::string> named_by(const std::vector<ColumnRule>& rules) {
    std::vector<std::string> names;
    for (const ColumnRule& rule : rules) names.push_back(rule.column);
    return names;
}

}  // namespace

std::string_view ListFile::column_of(std::string_view field) const {
    const auto known = columns.find(field);
    return known == columns.end() ? field : std::string_view(known->second);
}

Result<ListFile> read_list_file(std::string_view text, const ListRowDefaults& defaults,
                                const std::vector<ColumnRule>& rules) {
    auto table = ImportTable::open(text, named_by(rules));
    if (!table) return Error{Errc::invalid_input, ": " + table.error().detail};
    const auto map = map_columns(table->columns(), ImportKind::call_list, rules);
    if (!map) return Error{Errc::invalid_input, ": " + map.error().detail};
    const std::vector<ListColumn> columns = columns_of(*map, table->columns(), rules);
    ListFile file;
    std::vector<std::string> taken;
    for (const ListColumn& column : columns) {
        taken.push_back(taken_as(column));
        if (!column.field) continue;
        file.columns.try_emplace(std::string(field_name(*column.field)), column.name);
    }
    file.preview = render_columns(*table, taken);
    file.doubts = doubts_of(columns, *table, defaults);
    while (auto row = table->next()) {
        const std::string bad = row->problem.empty() ? bad_text(columns, *row) : row->problem;
        if (bad.empty()) {
            file.rows.push_back(row_of(columns, *row, defaults));
        } else {
            file.bad.emplace_back(row->line, bad);
        }
    }
    if (file.rows.empty() && file.bad.empty()) return Error{Errc::invalid_input, " has no rows"};
    return file;
}

}  // namespace wrapup
