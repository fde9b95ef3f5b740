#pragma once

#include <span>

#include "adapters/sqlite/handle.hpp"

namespace wrapup::sqlite {

// "wrap" in ASCII: tells our databases from other people's.
constexpr std::int64_t application_id = 0x77726170;

// The steps that lead to today's schema; step n leads from version n to n + 1. Steps that were
// released are never changed.
std::span<const char* const> migrations();

// Brings the database to the last version, each step in a transaction of its own. conflict when it
// is from a newer program.
Result<void> migrate(Connection& connection, std::span<const char* const> steps);

// Whether what the steps make is there, by name, and nothing that would change rows by itself:
// corrupt where a table or an index is missing, or somebody added a trigger; conflict where a
// migration of the state into it was not finished (sql/half_migrated.hpp). Indexes and tables of
// somebody else's are let be.
Result<void> check_schema(Connection& connection, std::span<const char* const> steps);

}  // namespace wrapup::sqlite
