#pragma once

#include <optional>
#include <string>

#include "core/settle_plan.hpp"
#include "domain/call.hpp"

namespace wrapup {

// One sentence: why is this call's record not at the CRM yet (or where it is). `delivery` is its
// delivery when there is one; `is_destination_active` of that delivery.
std::string explain(const Call& call, const std::optional<Delivery>& delivery,
                    bool is_destination_active, const std::string& last_error, UtcTime now);

// The same for each park reason: what it means and what to do.
std::string_view advice(ParkReason reason);

}  // namespace wrapup
