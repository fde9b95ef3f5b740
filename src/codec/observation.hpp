#pragma once

#include <string_view>

#include "base/result.hpp"
#include "domain/event.hpp"

namespace wrapup {

// Understands a stored payload again. invalid_input when it is not what its kind says, which only a
// damaged store can bring about.
Result<Observation> decode_observation(EventKind kind, std::string_view payload);

}  // namespace wrapup
