#pragma once

// Lists of calls as rows: what is looked for has columns of its own, the rest is text.

#include "adapters/sqlite/handle.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sqlite {

void save_lists(Connection& connection, const WorkingSet& rows);
// core/placing/list_plan.hpp, clock_was_set()
void set_clock_of_list_rows(Connection& connection, milliseconds by, UtcTime now);

}  // namespace wrapup::sqlite
