#include "adapters/postgres/statement.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace wrapup::postgres {
namespace {

bool inserts_row(std::string_view text) {
    const std::size_t at = text.find(" VALUES (");
    return text.starts_with("INSERT INTO ") && at != text.npos &&
           text.find(')', at) == text.size() - 1 && text.find('$', at) != text.npos;
}

// "UPDATE calls SET a = $2, b = $3 WHERE no = $1". What is unique is left alone: in one statement
// the order would count.
bool updates_row(std::string_view text) {
    if (!text.starts_with("UPDATE calls SET ") && !text.starts_with("UPDATE deliveries SET ")) {
        return false;
    }
    const std::size_t where = text.find(" WHERE ");
    std::string_view sets = text.substr(0, where);
    sets.remove_prefix(sets.find(" SET ") + 5);
    int number = 1;
    for (const std::string& set : split_list(sets, ',')) {
        const std::string_view name = std::string_view(set).substr(0, set.find(' '));
        if (name == "id" || name == "destination") return false;
        if (set != std::string(name) + " = $" + std::to_string(++number)) return false;
    }
    const std::string_view key = where == text.npos ? "" : text.substr(where + 7);
    return key == "no = $1" || key == "id = $1";
}

// The same row again and again, each with parameters of its own.
std::string rows_like(std::string_view row, std::size_t count, std::size_t per_row) {
    std::string rows;
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) rows += ", ";
        for (std::size_t at = 0; at < row.size(); ++at) {
            rows += row[at];
            if (row[at] != '$') continue;
            std::size_t number = 0;
            const auto read = std::from_chars(row.data() + at + 1, row.data() + row.size(), number);
            rows += std::to_string(number + i * per_row);
            at = static_cast<std::size_t>(read.ptr - row.data()) - 1;
        }
    }
    return rows;
}

// Of a text for which updates_row() holds.
std::string update_of_rows(std::string text, std::size_t count, std::size_t per_row) {
    const std::size_t where = text.rfind(" WHERE ");
    const std::string key = text.substr(where, text.rfind('$') - where);
    text.resize(where);
    std::string row = "($1";
    std::string names = "p1";
    for (std::size_t i = 2; i <= per_row; ++i) {
        const std::string number = std::to_string(i);
        text.replace(text.find('$'), number.size() + 1, "v.p" + number);
        row.append(", $").append(number);
        names.append(", p").append(number);
    }
    return text + " FROM (VALUES " + rows_like(row + ")", count, per_row) + ") AS v (" + names +
           ")" + key + "v.p1";
}

}  // namespace

std::string in_own_words(std::string_view sql) {
    std::string words;
    int parameters_count = 0;
    for (std::size_t at = 0; at < sql.size(); ++at) {
        const std::string_view rest = sql.substr(at);
        const auto is_word = [rest](char c) {
            return rest.size() > 1 && c == rest[0] && rest[1] >= 'a' && rest[1] <= 'z';
        };
        constexpr std::string_view by_index = " INDEXED BY ";
        constexpr std::string_view in_order = " CROSS JOIN ";
        if (rest[0] == '?') {
            words += '$';
            const bool is_numbered = rest.size() > 1 && rest[1] >= '0' && rest[1] <= '9';
            if (!is_numbered) words += std::to_string(++parameters_count);
        } else if (rest.starts_with(by_index)) {  // Hints for SQLite's planner.
            at += std::min(rest.find(' ', by_index.size()), rest.size()) - 1;
        } else if (rest.starts_with(in_order)) {
            words += " JOIN ";
            at += in_order.size() - 1;
        } else if (!is_word('+')) {
            words += rest[0];
        }
    }
    return words;
}

Statement make_statement(std::string name, std::string_view sql) {
    Statement made{std::move(name), in_own_words(sql)};
    if (inserts_row(made.text)) made.row = Statement::Row::inserted;
    if (updates_row(made.text)) made.row = Statement::Row::updated;
    return made;
}

Statement& Statement::of_rows(std::size_t count, std::size_t per_row) {
    if (count == 1) return *this;
    auto& wide = wider[count];
    if (wide) return *wide;
    wide = std::make_unique<Statement>(Statement{name + "x" + std::to_string(count), text});
    if (row == Row::updated) {
        wide->text = update_of_rows(text, count, per_row);
    } else {
        const std::size_t values = text.find(" VALUES (") + std::string_view(" VALUES ").size();
        wide->text.resize(values);
        wide->text += rows_like(std::string_view(text).substr(values), count, per_row);
    }
    return *wide;
}

}  // namespace wrapup::postgres
