#pragma once

#include "ports/clock.hpp"
#include "ports/store.hpp"
#include "ports/task.hpp"
#include "service/commit/group_commit.hpp"

namespace wrapup {

// Submits `op` again and again, a second apart, while may_pass(error) says that this error is one
// that passes, and at most until `give_up_at`: for what is lost when the store is in trouble just
// now. Returns the last outcome. `may_pass` outlives the call; it is asked once for each error.
template <class MayPass>
Task<StoreOutcome> keep_submitting(GroupCommit& commits, Clock& clock, StoreOp& op,
                                   UtcTime give_up_at, const MayPass& may_pass) {
    constexpr seconds store_retry{1};
    for (;;) {
        StoreOutcome outcome = co_await commits.submit(op);
        if (outcome || !may_pass(outcome.error()) || clock.now() >= give_up_at) co_return outcome;
        const UtcTime until = clock.now() + store_retry;
        co_await clock.sleep_until(until);
    }
}

}  // namespace wrapup
