#pragma once

// Says once a second that this node lives, and hears of the others: which there are, and what they
// changed.

#include <functional>
#include <mutex>
#include <vector>

#include "base/prng.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/fleet.hpp"
#include "ports/metrics.hpp"
#include "service/fleet/fleet_log.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class NodeWatch {
public:
    struct Ports {
        Clock& clock;
        Fleet& fleet;
        BlockingPool& pool;
        Metrics& metrics;
        EventLog& log;
        std::function<NodeHolds()> holds;
        std::function<void(std::vector<CallChange>)> calls_changed;
        std::function<void(const FleetNews&)> heard;  // With each beat. On the pool.
    };
    NodeWatch(Ports ports, std::uint64_t seed)
        : ports_(std::move(ports)), prng_(seed), told_(ports_.log) {}

    // Until stop(), both on one executor.
    Task<void> run();
    void stop() {
        is_stopping_ = true;
        alarm_.ring();
    }
    // Takes up its duties before it runs. Blocks.
    Result<void> begin();

    // As of the last beat. From any thread.
    std::vector<NodeRow> nodes() const;
    std::vector<AlertCondition> alerts() const;

private:
    void hear(FleetNews news);

    Ports ports_;
    Prng prng_;
    Alarm alarm_;
    bool is_stopping_ = false;
    mutable std::mutex mutex_;
    std::vector<NodeRow> nodes_;
    FleetLog told_;
};

}  // namespace wrapup
