#pragma once

// What comparing with Twilio and ElevenLabs came to, for whoever asks.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "domain/call_status.hpp"
#include "domain/reconcile_order.hpp"
#include "domain/reconciliation.hpp"

namespace wrapup {

// A call of which Twilio's list knew more than we did.
struct ReconcileFinding {
    std::string call_sid;
    std::optional<CallStatus> status;
    std::optional<std::int64_t> duration_s;
    std::optional<UtcTime> made_at;
    std::string what;  // "missed", "unadoptable", "only_here".
    std::string why;

    bool operator==(const ReconcileFinding&) const = default;
};

struct ReconcileRun {
    enum class State { waiting, running, done, failed };

    std::int64_t id = 0;
    State state = State::waiting;
    bool is_ordered = false;  // By a person.
    bool is_dry_run = false;
    UtcTime from{};
    UtcTime until{};
    UtcTime started_at{};
    std::optional<UtcTime> ended_at;
    std::optional<UtcTime> reached;  // Listed so far, from `until` down.
    ReconcileCounts counts;
    std::vector<ReconcileFinding> findings;  // The first few hundred.
    std::string error;                       // Why it did not get to its end.

    bool operator==(const ReconcileRun&) const = default;
};
std::string_view to_string(ReconcileRun::State state);
std::optional<ReconcileRun::State> parse_run_state(std::string_view name);

struct ReconcileTrouble {
    UtcTime since{};
    std::int64_t count = 0;  // Answers in a row that were no use.
    std::string what;

    bool operator==(const ReconcileTrouble&) const = default;
};

struct ReconcileStatus {
    std::string node;  // Of several, the one that found it out; empty: the one that is asked.
    milliseconds interval{};  // 0: only when a person orders it.
    std::optional<UtcTime> next_at;
    std::optional<UtcTime> listed_until;  // Everything before is compared.
    std::int64_t windows_left = 0;
    std::optional<ReconcileTrouble> twilio;
    std::optional<ReconcileTrouble> elevenlabs;
    std::optional<milliseconds> clock_ahead;  // Of Twilio's, when that was ever told.
    std::vector<ReconcileRun> runs;           // The last ones, newest first.
    std::optional<std::vector<WebhookHealth>> webhooks;
    std::optional<UtcTime> webhooks_asked_at;

    bool operator==(const ReconcileStatus&) const = default;
};

}  // namespace wrapup
