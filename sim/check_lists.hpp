#pragma once

// What must hold of the calls of campaigns after a run.

#include "sim/dialler.hpp"
#include "sim/simulate.hpp"

namespace wrapup {

void check_lists(const Truth& truth, MemoryStore& store, const SimDialler& dialler,
                 SimReport& report);

}  // namespace wrapup
