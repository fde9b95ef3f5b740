#include "app/cli/list_file.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "import/import_table.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

bool is_one_of(std::string_view column, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, column) != names.end();
}

// "First Name" and "first-name" are first_name.
std::string plain_column(std::string_view column) {
    std::string plain = to_lower(trim(column));
    std::ranges::replace(plain, ' ', '_');
    std::ranges::replace(plain, '-', '_');
    return plain;
}

// The field that a column is; empty: it is a variable.
std::string field_of(std::string_view name) {
    const std::string column = plain_column(name);
    if (is_one_of(column, {"to", "phone", "phone_number", "number", "telephone", "mobile"})) {
        return "to";
    }
    if (is_one_of(column, {"name", "contact_name", "full_name"})) return "name";
    if (is_one_of(column, {"time_zone", "timezone"})) return "time_zone";
    return is_one_of(column, {"first_name", "last_name"}) ? column : std::string();
}

ListFile::Row row_of(const std::vector<std::string>& columns, const ImportRow& row,
                     const ListRowDefaults& defaults) {
    json::object call;
    json::object variables = defaults.variables;
    std::string first;
    std::string last;
    for (std::size_t i = 0; i < columns.size() && i < row.cells.size(); ++i) {
        const std::string column(trim(columns[i]));
        const std::string cell = to_valid_utf8(trim(row.cells[i]));
        if (column.empty() || cell.empty()) continue;
        const std::string field = field_of(column);
        if (field == "first_name") {
            first = cell;
        } else if (field == "last_name") {
            last = cell;
        } else if (field.empty()) {
            variables[to_valid_utf8(column)] = cell;
        } else if (!call.contains(field)) {
            call[field] = cell;
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

std::string joined(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + to_valid_utf8(name);
    return all;
}

}  // namespace

std::string_view ListFile::column_of(std::string_view field) const {
    const auto known = columns.find(field);
    return known == columns.end() ? field : std::string_view(known->second);
}

Result<ListFile> read_list_file(std::string_view text, const ListRowDefaults& defaults) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    auto table = ImportTable::open(text, {});
    if (!table) return Error{Errc::invalid_input, ": " + table.error().detail};
    ListFile file;
    for (const std::string& column : table->columns()) {
        const std::string field = field_of(column);
        if (!field.empty()) file.columns.try_emplace(field, to_valid_utf8(trim(column)));
    }
    if (!file.columns.contains("to")) {
        return Error{Errc::invalid_input, ": no column is a phone number (phone); columns are " +
                                              joined(table->columns())};
    }
    while (auto row = table->next()) {
        if (row->problem.empty()) {
            file.rows.push_back(row_of(table->columns(), *row, defaults));
        } else {
            file.bad.emplace_back(row->line, row->problem);
        }
    }
    if (file.rows.empty()) return Error{Errc::invalid_input, " has no rows"};
    return file;
}

}  // namespace wrapup
