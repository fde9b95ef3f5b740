#include "domain/operations.hpp"

namespace wrapup {

std::string_view to_string(DestinationState state) {
    switch (state) {
        case DestinationState::active: return "active";
        case DestinationState::paused: return "paused";
        case DestinationState::gone: return "gone";
    }
    WRAPUP_ASSERT(false);
    return {};
}

}  // namespace wrapup
