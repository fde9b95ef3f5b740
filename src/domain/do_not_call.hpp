#pragma once

#include <string>

#include "base/time.hpp"

namespace wrapup {

// A number that must not be called, and who said so.
struct DoNotCall {
    std::string phone;   // As normalize_phone_number() writes it.
    std::string reason;  // In a person's words; may be empty.
    std::string source;  // "api", "import", or the call in which the agent was told.
    UtcTime since{};

    bool operator==(const DoNotCall&) const = default;
};

}  // namespace wrapup
