#pragma once

#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/fleet.hpp"
#include "ports/store_queries.hpp"
#include "service/commit/group_commit.hpp"
#include "service/ledger/ledger_report.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// Closes days, one after the other, as soon as they may be (core/store/ledger.hpp); none in the
// half hour after the wall clock was set: what is closed stays closed when the clock is right
// again.
class LedgerSealer {
public:
    struct Ports {
        Clock& clock;
        LedgerQueries& store;
        BlockingPool& reads;
        GroupCommit& commits;
        EventLog& log;
        const Duties* duties = nullptr;  // Null: there is no other node.
    };
    LedgerSealer(Ports ports, LedgerView view)
        : ports_(ports), view_(std::move(view)), ahead_(ports_.clock.ahead()) {}

    // Until stop(), both on one executor.
    Task<void> run();
    void stop() {
        is_stopping_ = true;
        alarm_.ring();
    }

    // Closes the next day; false when none may be closed now, or the store is in trouble.
    Task<bool> seal_next();

private:
    bool is_clock_calm();

    Ports ports_;
    const LedgerView view_;
    milliseconds ahead_{0};  // Of the wall clock, when it was looked at last.
    UtcTime calm_at_{};
    Alarm alarm_;
    bool is_stopping_ = false;
};

}  // namespace wrapup
