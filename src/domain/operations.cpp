#include "domain/operations.hpp"

namespace wrapup {

std::string_view to_string(DestinationState state) {
    switch (state) {
        case DestinationState::active: return "active";
        case DestinationState::paused: return "paused";
        case DestinationState::gone: return "gone";
        case DestinationState::removed: return "removed";
        case DestinationState::disabled: return "disabled";
    }
    WRAPUP_ASSERT(false);
    return {};
}

std::string_view to_string(BreakerState state) {
    switch (state) {
        case BreakerState::closed: return "closed";
        case BreakerState::open: return "open";
        case BreakerState::half_open: return "half_open";
    }
    return "";
}

std::optional<BreakerState> parse_breaker_state(std::string_view name) {
    for (const auto state : {BreakerState::closed, BreakerState::open, BreakerState::half_open}) {
        if (to_string(state) == name) return state;
    }
    return std::nullopt;
}

}  // namespace wrapup
