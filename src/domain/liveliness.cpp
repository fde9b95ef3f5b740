#include "domain/liveliness.hpp"

namespace wrapup {

int liveliness(CallState state) {
    switch (state) {
        case CallState::settling: return 3;
        case CallState::open: return 2;
        case CallState::parked: return 1;
        case CallState::out_of_scope:
        case CallState::delivering:
        case CallState::delivered:
        case CallState::merged: return 0;
    }
    return 0;
}

bool waits_for_person(ParkReason reason) {
    return reason != ParkReason::disabled && reason != ParkReason::forgotten &&
           reason != ParkReason::given_up;
}

}  // namespace wrapup
