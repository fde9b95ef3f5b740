#pragma once

#include <string>

#include "domain/call.hpp"

namespace wrapup {

// Something of a call is other than it was: its row, an event, a delivery or an attempt.
struct CallChange {
    std::string call_id;  // The identity.
    CallState state = CallState::open;

    bool operator==(const CallChange&) const = default;
};

}  // namespace wrapup
