#include "domain/reconciliation.hpp"

#include "base/assert.hpp"

namespace wrapup {

std::string_view to_string(DifferenceKind kind) {
    switch (kind) {
        case DifferenceKind::missing: return "missing";
        case DifferenceKind::only_here: return "only_here";
    }
    WRAPUP_ASSERT(false);
    return {};
}

CallStanding standing_of(CallState state, std::optional<ParkReason> parked) {
    switch (state) {
        case CallState::open: return CallStanding::awaited;
        case CallState::out_of_scope: return CallStanding::aside;
        case CallState::parked: {
            const bool waits = parked == ParkReason::silent || parked == ParkReason::unlinked;
            return waits ? CallStanding::awaited : CallStanding::over;
        }
        case CallState::settling:
        case CallState::delivering:
        case CallState::delivered:
        case CallState::merged: break;
    }
    return CallStanding::over;
}

}  // namespace wrapup
