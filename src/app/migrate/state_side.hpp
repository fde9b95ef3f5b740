#pragma once

// A database that holds a state, as tables of cells: one of the two ends of a migration. What it
// opens, nobody else uses meanwhile.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace wrapup::migrate {

struct Column {
    std::string name;
    bool is_text = false;  // Else an integer.

    bool operator==(const Column&) const = default;
};

struct Table {
    std::string name;
    std::vector<Column> columns;  // By name; without those that the database works out by itself.
    std::vector<std::string> key;

    bool operator==(const Table&) const = default;
};

using Cell = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Cell>;  // In the order of the table's columns.

// The cells of the key.
Row key_of(const Table& table, const Row& row);

// How far a table was copied.
struct Bookmark {
    std::int64_t rows_count = 0;
    Row after;  // The key of the last row; empty: none was copied.
    bool is_whole = false;

    bool operator==(const Bookmark&) const = default;
};

// What the target remembers of a migration into it that is not finished.
struct BegunMigration {
    std::string source;
    std::int64_t commits_count = 0;  // Of the source, when it began.
    std::map<std::string, Bookmark> tables;
};

class StateSide {
public:
    virtual ~StateSide() = default;

    // Where it is, without a password.
    virtual const std::string& name() const = 0;
    // Those of wrapup's schema, by name; without what belongs to a database and not to the state.
    virtual Result<std::vector<Table>> tables() = 0;
    virtual Result<std::int64_t> count_rows(const Table& table) = 0;
    // How many batches were ever committed: another number says that the state changed.
    virtual Result<std::int64_t> count_commits() = 0;
    // The next rows in the order of the key; `after` is a key, or empty for the first ones.
    virtual Result<std::vector<Row>> read(const Table& table, const Row& after, int limit) = 0;

    // Of a target.
    virtual Result<std::optional<BegunMigration>> find_begun() = 0;
    virtual Result<void> begin(const BegunMigration& migration) = 0;
    // Rows and bookmark, or neither.
    virtual Result<void> write(const Table& table, std::span<const Row> rows,
                               const Bookmark& bookmark) = 0;
    // Takes back what the unfinished migration did.
    virtual Result<void> undo(std::span<const Table> tables) = 0;
    // The state is whole: stores may open it, and new numbers are beyond those that are taken.
    virtual Result<void> finish() = 0;

    // Of a source: no server starts on it any more, for its state is in `target`.
    virtual Result<void> note_moved_to(const std::string& target) = 0;
};

enum class Role { source, target };

// `sqlite:PATH` (a data folder, or the wrapup.db in it), or a PostgreSQL URL. A target is made when
// it is missing, and every schema is brought up to date. Errors: invalid_input (neither of the
// two), not_found (a source that holds no state), conflict (in use, or an unfinished migration's),
// and those of the stores.
Result<std::unique_ptr<StateSide>> open_side(std::string_view where, Role role);
bool is_sqlite(std::string_view where);
// invalid_input, in words that follow an option's name and quote nothing of a URL.
Result<void> check_side(std::string_view where);

}  // namespace wrapup::migrate
