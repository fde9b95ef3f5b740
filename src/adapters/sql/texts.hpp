#pragma once

// Statements whose texts follow from their columns.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace wrapup::sql {

// "a, b, c" as its words.
inline std::vector<std::string_view> words_of(std::string_view columns) {
    std::vector<std::string_view> words;
    while (!columns.empty()) {
        const auto end = std::min(columns.find(','), columns.size());
        std::string_view word = columns.substr(0, end);
        word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
        words.push_back(word);
        columns.remove_prefix(std::min(end + 1, columns.size()));
    }
    return words;
}

// Writes a row whose first columns are its key, in the place of one that is there.
inline std::string upsert_text(std::string_view table, std::string_view columns, int keys = 1) {
    std::string sql = "INSERT INTO ";
    sql.append(table).append(" (").append(columns).append(") VALUES (");
    std::string key;
    std::string sets;
    int index = 0;
    for (const std::string_view word : words_of(columns)) {
        index += 1;
        sql.append(index > 1 ? ", ?" : "?").append(std::to_string(index));
        std::string& list = index <= keys ? key : sets;
        if (!list.empty()) list += ", ";
        list += word;
        if (index > keys) list.append(" = excluded.").append(word);
    }
    sql.append(") ON CONFLICT (").append(key).append(") DO ");
    return sql.append(sets.empty() ? "NOTHING" : "UPDATE SET " + sets);
}

}  // namespace wrapup::sql
