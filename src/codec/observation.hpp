#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/event.hpp"

namespace wrapup {

// Understands a stored payload again. invalid_input when it is not what its kind says, which only a
// damaged store can bring about.
Result<Observation> decode_observation(EventKind kind, std::string_view payload);

// The same for a call's events, ready to be folded. What cannot be understood again says nothing
// and is left out; it stays visible in the call's story.
std::vector<ObservedEvent> decode_events(std::span<const StoredEvent> events);

}  // namespace wrapup
