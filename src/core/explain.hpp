#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/operations.hpp"
#include "domain/rate_limit.hpp"

namespace wrapup {

// What the sentence is made from.
struct ExplainInput {
    const Call& call;
    const Delivery* delivery = nullptr;  // The one that is not accepted, else any; may be null.
    bool is_sending = false;             // An attempt is in progress.
    DestinationState destination = DestinationState::active;
    std::optional<UtcTime> breaker_retry_at = {};  // While its circuit breaker is open.
    std::optional<RateWait> rate_wait = {};        // While its rate lets no more begin.
    std::string last_error = {};                   // Of the last attempt.
    std::size_t deliveries_count = 1;  // Of the call: of several the destination is named.
    std::string given_up = {};         // Destinations that need not have it any more: "lake, sea".
};

// One sentence for a person: why is this call's record not at the CRM yet, or that it is.
std::string explain(const ExplainInput& input, UtcTime now);
// Of another delivery of the same call that is parked: "To lake: Parked: …"; that waits.
std::string explain_parked(const ExplainInput& input);
std::string explain_waiting(const ExplainInput& input, UtcTime now);

// What a park reason means and what to do about it, in one or two sentences; SID and NAME stand for
// the call and the destination.
std::string_view advice(ParkReason reason);

}  // namespace wrapup
