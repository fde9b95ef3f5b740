#pragma once

// What must hold of intents after a run. What must hold of each call while it is made and answered
// is checked there (sim/dialler.cpp).

#include "sim/dialler.hpp"
#include "sim/simulate.hpp"

namespace wrapup {

// Whether no intent waits for anything, and every call that was placed is delivered or parked.
bool is_placing_over(MemoryStore& store, const SimDialler& dialler);

void check_placing(const Truth& truth, MemoryStore& store, const SimDialler& dialler,
                   SimReport& report);

}  // namespace wrapup
