#pragma once

#include "domain/call.hpp"

namespace wrapup {

// When two halves turn out to be one call, the state of the livelier one is that of the whole.
int liveliness(CallState state);

}  // namespace wrapup
