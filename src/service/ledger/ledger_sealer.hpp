#pragma once

#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/store_queries.hpp"
#include "service/commit/group_commit.hpp"
#include "service/ledger/ledger_report.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// Closes days, one after the other, as soon as they may be (core/store/ledger.hpp).
class LedgerSealer {
public:
    struct Ports {
        Clock& clock;
        LedgerQueries& store;
        BlockingPool& reads;
        GroupCommit& commits;
        EventLog& log;
    };
    LedgerSealer(Ports ports, LedgerView view) : ports_(ports), view_(std::move(view)) {}

    // Until stop(), both on one executor.
    Task<void> run();
    void stop() {
        is_stopping_ = true;
        alarm_.ring();
    }

    // Closes the next day; false when none may be closed now, or the store is in trouble.
    Task<bool> seal_next();

private:
    Ports ports_;
    const LedgerView view_;
    Alarm alarm_;
    bool is_stopping_ = false;
};

}  // namespace wrapup
