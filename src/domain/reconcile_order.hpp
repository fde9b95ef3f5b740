#pragma once

// A comparison that a person ordered, and how far it is: kept until it has ended.

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "domain/reconciliation.hpp"

namespace wrapup {

struct ReconcileCounts {
    std::int64_t requests = 0;       // To Twilio's list.
    std::int64_t listed = 0;         // Calls, legs among them.
    std::int64_t legs = 0;           // Of other calls.
    std::int64_t known = 0;          // Nothing new.
    std::int64_t strangers = 0;      // Out of scope.
    std::int64_t running = 0;        // Not over, or only just.
    std::int64_t missed = 0;         // Over, and nobody had told us.
    std::int64_t appended = 0;       // Of these: stored as events.
    std::int64_t unadoptable = 0;    // Ours, and the list does not say enough.
    std::int64_t only_here = 0;      // Known here, unknown to Twilio.
    std::int64_t conversations = 0;  // Of ElevenLabs, that nobody had told us of.

    bool operator==(const ReconcileCounts&) const = default;
};

struct KeptOrder {
    std::int64_t id = 0;  // Of its run.
    UtcTime from{};
    UtcTime until{};
    bool is_dry_run = false;
    ReconcileCounts counts;                // So far.
    std::vector<ReconcileWindow> windows;  // Left of Twilio's list, newest first.
    UtcTime conversations_until{};         // ElevenLabs' are listed from `until` down to here.

    bool operator==(const KeptOrder&) const = default;
};

}  // namespace wrapup
