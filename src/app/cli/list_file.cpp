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

// A column that is none of ours is a variable of the agent.
json::object call_of(const std::vector<std::string>& columns, const ImportRow& row) {
    json::object call;
    json::object variables;
    std::string first;
    std::string last;
    for (std::size_t i = 0; i < columns.size() && i < row.cells.size(); ++i) {
        const std::string column = plain_column(columns[i]);
        const std::string cell = to_valid_utf8(trim(row.cells[i]));
        if (column.empty() || cell.empty()) continue;
        if (is_one_of(column, {"to", "phone", "phone_number", "number", "telephone", "mobile"})) {
            if (!call.contains("to")) call["to"] = cell;
        } else if (is_one_of(column, {"name", "contact_name", "full_name"})) {
            call["name"] = cell;
        } else if (column == "first_name") {
            first = cell;
        } else if (column == "last_name") {
            last = cell;
        } else if (is_one_of(column, {"time_zone", "timezone"})) {
            call["time_zone"] = cell;
        } else {
            variables[to_valid_utf8(trim(columns[i]))] = cell;
        }
    }
    if (!call.contains("name") && !(first + last).empty()) {
        call["name"] = std::string(trim(first + " " + last));
    }
    if (!variables.empty()) call["variables"] = std::move(variables);
    return call;
}

}  // namespace

Result<ListFile> read_list_file(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    auto table = ImportTable::open(text, {"phone"});
    if (!table) return Error{Errc::invalid_input, ": " + table.error().detail};
    ListFile read;
    while (auto row = table->next()) {
        if (!row->problem.empty()) {
            read.bad.emplace_back(row->line, row->problem);
        } else {
            read.rows.push_back({row->line, call_of(table->columns(), *row)});
        }
    }
    if (read.rows.empty()) return Error{Errc::invalid_input, " has no rows"};
    return read;
}

}  // namespace wrapup
