#pragma once

// Statements as PostgreSQL takes them. What writes one row is made for several too: the server's
// cost is in statements more than in rows.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace wrapup::postgres {

// How the server reads a text that is written for both databases (sql/store.hpp).
std::string in_own_words(std::string_view sql);

struct Statement {
    std::string name;
    std::string text;
    bool is_prepared = false;
    // Writes one row and does nothing else, whenever others of it are.
    enum class Row { none, inserted, updated };
    Row row = Row::none;
    std::map<std::size_t, std::unique_ptr<Statement>> wider{};  // The same of several rows.

    // Of as many rows, at least one; their parameters follow each other.
    Statement& of_rows(std::size_t count, std::size_t parameters_per_row);
};

Statement make_statement(std::string name, std::string_view sql);

}  // namespace wrapup::postgres
