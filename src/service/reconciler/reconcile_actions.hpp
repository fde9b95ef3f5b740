#pragma once

// What a person asks of the reconciler, and what it tells.

#include <cstdint>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/reconcile_status.hpp"
#include "ports/task.hpp"

namespace wrapup {

struct ReconcileOrder {
    UtcTime from{};  // Calls that Twilio made in [from, until).
    UtcTime until{};
    bool is_dry_run = false;  // Changes nothing: only says what it finds.
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
