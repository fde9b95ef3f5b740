#pragma once

// Group commit: operations of concurrent coroutines become one transaction, so that one fsync serves
// many. Once, above the Store port, so that every store profits. While a batch is being committed
// the next one gathers; a lone operation never waits for company.

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <mutex>

#include "ports/clock.hpp"
#include "ports/metrics.hpp"
#include "ports/store.hpp"
#include "ports/task.hpp"

namespace wrapup {

class GroupCommit {
public:
    // `executor` runs the commits, one at a time: a thread of its own, or the simulator's loop.
    GroupCommit(Store& store, const Clock& clock, Metrics& metrics,
                boost::asio::any_io_executor executor);

    // Durable when it returns a value. From any thread; resumes on the caller's executor. Errors:
    // what the operation itself met, or what the whole transaction met (nothing is known to be
    // applied then: unavailable, corrupt).
    Task<StoreOutcome> submit(StoreOp op);

    // Runs any other write on the same thread, between the batches. `work` must not throw.
    template <class Work>
    Task<std::invoke_result_t<Work>> run_between(Work work);

    // Called after each commit, on the committing thread, when a call (a delivery) became due.
    void on_call_due(std::function<void()> wake) { wake_settler_ = std::move(wake); }
    void on_delivery_due(std::function<void()> wake) { wake_courier_ = std::move(wake); }
};

}  // namespace wrapup
