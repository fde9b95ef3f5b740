#pragma once

// The tables of what is counted over time (domain/stats.hpp).

#include "adapters/sqlite/handle.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sqlite {

// What the batch changes of them.
void save_stats(Connection& connection, const WorkingSet& rows);

}  // namespace wrapup::sqlite
