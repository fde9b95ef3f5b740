#pragma once

#include <functional>

#include "ports/event_log.hpp"
#include "ports/metrics.hpp"
#include "ports/store.hpp"
#include "service/commit/group_commit.hpp"
#include "service/commit/held_clock.hpp"

namespace wrapup {

// Notices within seconds that the wall clock was set, brings in what is scheduled, and lets the
// workers' clock follow: everything keeps the wait that it had left, instead of lying hours ahead
// or being due all at once.
class ClockWatch {
public:
    struct Ports {
        HeldClock& clock;
        EmbeddedStore& store;
        GroupCommit& commits;
        EventLog& log;
        Metrics& metrics;
    };
    explicit ClockWatch(Ports ports) : ports_(ports) {}

    // Called after the store's times were shifted.
    void on_step(std::function<void(milliseconds by)> call) { on_step_ = std::move(call); }
    // Until stop(), both on one executor. A shift that the store refuses is tried again every
    // second.
    Task<void> run();
    void stop() {
        is_stopping_ = true;
        alarm_.ring();
    }

private:
    Task<void> bring_in(milliseconds by);

    Ports ports_;
    Alarm alarm_;
    bool is_stopping_ = false;
    std::function<void(milliseconds)> on_step_;
};

// At a start, before anybody works: voids leases. Where the clock was set back since the store was
// last written to, all that is scheduled lies that far ahead: it is told, and brought in as at run
// time. What was scheduled before a clock was set forward is due, as after any pause.
Result<void> take_over_last_run(EmbeddedStore& store, EventLog& log, UtcTime now);

}  // namespace wrapup
