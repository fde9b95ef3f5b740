#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
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
    // Of `destinations`, the settings' names, each has its gauges from the start; how many attempts
    // one may have under way is said by `places`, asked on run()'s executor.
    Gauges(CallQueries& store, Clock& clock, BlockingPool& reads,
           std::vector<std::string> destinations, std::function<int(std::string_view)> places)
        : store_(store),
          clock_(clock),
          reads_(reads),
          destinations_(std::move(destinations)),
          places_(std::move(places)) {}

    // Until stop(), both on one executor.
    Task<void> run();
    void stop() {
        is_stopping_ = true;
        alarm_.ring();
    }
    std::vector<Gauge> latest();  // From any thread.

private:
    struct Read {
        StoreCounts counts;
        std::vector<DestinationRow> destinations;
    };
    static Result<Read> read(CallQueries& store);
    std::vector<Gauge> gauges_of(const Read& read) const;

    CallQueries& store_;
    Clock& clock_;
    BlockingPool& reads_;
    const std::vector<std::string> destinations_;
    const std::function<int(std::string_view)> places_;
    Alarm alarm_;
    bool is_stopping_ = false;
    std::atomic<bool> is_watched_{true};
    std::mutex mutex_;
    std::vector<Gauge> latest_;
};

}  // namespace wrapup
