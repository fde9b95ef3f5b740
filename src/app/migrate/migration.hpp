#pragma once

// Copies a whole state from one database into another one, slice by slice, and compares what both
// read back.

#include <functional>

#include "app/migrate/state_side.hpp"

namespace wrapup::migrate {

struct Progress {
    bool is_comparing = false;  // Else copying.
    std::string_view table;
    std::int64_t rows_done = 0;
    std::int64_t rows_count = 0;
};

struct MigrationOptions {
    bool restarts = false;  // Takes back what an unfinished migration did, whichever it was.
    std::int64_t slice_bytes = std::int64_t{4} << 20;
    std::function<void(const Progress&)> tell = [](const Progress&) {};
    std::function<bool()> is_interrupted = [] { return false; };
};

struct CopiedTable {
    std::string name;
    std::int64_t rows_count = 0;
    std::string checksum;  // Of its rows, in whatever order.
};

struct MigrationReport {
    bool is_interrupted = false;  // Given again, it goes on where it was.
    std::int64_t rows_count = 0;  // Of the source.
    std::int64_t copied_count = 0;
    std::int64_t found_count = 0;  // Of the copied ones: by an earlier run.
    std::vector<CopiedTable> tables;
};

// The tables that are copied. conflict, naming it, where a table, a column or a key is not the same
// in both: a state of which something stays behind is not moved at all.
Result<std::vector<Table>> plan_migration(StateSide& source, StateSide& target);

// conflict: the target holds another state, or an unfinished migration of another or an older one;
// or what was read back differs.
Result<MigrationReport> run_migration(StateSide& source, StateSide& target,
                                      const MigrationOptions& options);

}  // namespace wrapup::migrate
