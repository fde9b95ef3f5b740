#pragma once

// The steps of the schema `wrapup`. A step that was released is never changed. While older nodes
// run, steps only add: what an older program does not know, it leaves alone.

#include <cstdint>
#include <span>
#include <string>

#include "adapters/postgres/handle.hpp"

namespace wrapup::postgres {

struct Migration {
    const char* sql;
    std::int64_t oldest_program;  // How many steps a program knows at least that can live with it.
};

std::span<const Migration> migrations();

enum class HalfMigrated { refused, taken };

// Brings the schema up to date; nodes that start at once wait for each other. conflict: a newer
// program has been here, and this one cannot live with what it made; or a migration of the state
// into it was not finished (sql/half_migrated.hpp).
Result<void> migrate(Connection& connection, std::span<const Migration> steps,
                     HalfMigrated half_migrated = HalfMigrated::refused);

// unauthorized: this role may not make the schema, nor a step of it.
Result<void> check_may_create(Connection& connection);

// Leaves a mark: the state that lies here is in `target` by now.
Result<void> note_moved(Connection& connection, const std::string& target);
// conflict: the mark is there.
Result<void> check_not_moved(Connection& connection);

}  // namespace wrapup::postgres
