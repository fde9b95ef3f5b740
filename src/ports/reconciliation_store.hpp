#pragma once

// What a store tells whoever compares with Twilio, and whoever accounts for it. Written by
// NoteReconciliation; see ports/store.hpp for threads and errors.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/reconciliation.hpp"

namespace wrapup {

class ReconciliationStore {
public:
    // Those whose key begins with `prefix`, by key.
    virtual Result<std::vector<KeptValue>> kept_values(std::string_view prefix) = 0;
    // Those that begin in [from, until), in order. What was never listed is not among them.
    virtual Result<std::vector<TwilioSlot>> twilio_slots(UtcTime from, UtcTime until) = 0;
    // Those with `at` in [from, until), by time and CallSid. One that was missing and is known by
    // now is left out.
    virtual Result<std::vector<TwilioDifference>> twilio_differences(UtcTime from,
                                                                     UtcTime until) = 0;
    // One for each CallSid, in their order.
    virtual Result<std::vector<CallStanding>> call_standings(
        std::span<const std::string> call_sids) = 0;

protected:
    ~ReconciliationStore() = default;
};

}  // namespace wrapup
