#pragma once

// Lists of calls as rows: what is looked for has columns of its own, the rest is text.

#include "adapters/sqlite/handle.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sqlite {

void save_lists(Connection& connection, const WorkingSet& rows);

}  // namespace wrapup::sqlite
