#pragma once

#include "domain/call.hpp"

namespace wrapup {

// When two halves turn out to be one call, the state of the livelier one is that of the whole.
int liveliness(CallState state);

// What is parked for it. False: somebody wanted it so.
bool waits_for_person(ParkReason reason);

}  // namespace wrapup
