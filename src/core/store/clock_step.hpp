#pragma once

#include "base/time.hpp"

namespace wrapup {

// Less than that is slewing, and harms nobody.
inline constexpr seconds clock_step_min{2};

}  // namespace wrapup
