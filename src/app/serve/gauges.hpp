#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "adapters/metrics/prometheus_metrics.hpp"
#include "ports/clock.hpp"
#include "ports/store_queries.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// The store's counts for /metrics, read in the background: a scrape never waits for the store, and
// a store that nobody watches is not counted.
class Gauges {
public:
    Gauges(CallQueries& store, Clock& clock, BlockingPool& reads)
        : store_(store), clock_(clock), reads_(reads) {}

    // Until stop(), both on one executor.
    Task<void> run();
    void stop() {
        is_stopping_ = true;
        alarm_.ring();
    }
    std::vector<Gauge> latest();  // From any thread.

private:
    CallQueries& store_;
    Clock& clock_;
    BlockingPool& reads_;
    Alarm alarm_;
    bool is_stopping_ = false;
    std::atomic<bool> is_watched_{true};
    std::mutex mutex_;
    std::vector<Gauge> latest_;
};

}  // namespace wrapup
