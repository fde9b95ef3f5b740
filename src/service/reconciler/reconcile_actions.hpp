#pragma once

// What a person asks of the reconciler, and what it tells.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/call_status.hpp"
#include "domain/reconcile_order.hpp"
#include "domain/reconciliation.hpp"
#include "ports/task.hpp"

namespace wrapup {

struct ReconcileOrder {
    UtcTime from{};  // Calls that Twilio made in [from, until).
    UtcTime until{};
    bool is_dry_run = false;  // Changes nothing: only says what it finds.
};

// A call of which Twilio's list knew more than we did.
struct ReconcileFinding {
    std::string call_sid;
    std::optional<CallStatus> status;
    std::optional<std::int64_t> duration_s;
    std::optional<UtcTime> made_at;
    std::string what;  // "missed", "unadoptable", "only_here".
    std::string why;
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
};
std::string_view to_string(ReconcileRun::State state);

struct ReconcileTrouble {
    UtcTime since{};
    std::int64_t count = 0;  // Answers in a row that were no use.
    std::string what;
};

struct ReconcileStatus {
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
};

// From any thread.
class ReconcileActions {
public:
    virtual ~ReconcileActions() = default;
    // Puts it behind what was ordered before; kept in the store, so that it outlives the process.
    // conflict: too many wait. invalid_input: no time in it. unavailable: the store is in trouble.
    virtual Task<Result<ReconcileRun>> order(ReconcileOrder order) = 0;
    virtual Task<Result<ReconcileRun>> find_run(std::int64_t id) = 0;  // not_found
    virtual Task<ReconcileStatus> status() = 0;
};

}  // namespace wrapup
