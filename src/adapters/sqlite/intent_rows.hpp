#pragma once

// Intents as rows: what is looked for has columns of its own, the rest is text.

#include <optional>

#include "adapters/sqlite/handle.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sqlite {

// The intent of the query's first row, whose first column is `data`.
std::optional<Intent> read_intent(Connection& connection, Query query);
void save_intents(Connection& connection, const WorkingSet& rows);
// core/placing/intent_machine.hpp, clock_was_set()
void set_clock_of_intents(Connection& connection, milliseconds by);

}  // namespace wrapup::sqlite
