#pragma once

#include <mutex>
#include <vector>

#include "core/watch/recent_traffic.hpp"
#include "ports/clock.hpp"
#include "ports/metrics.hpp"

namespace wrapup {

// Passes on what is counted, and remembers what came within the last hour. From any thread.
class TrafficEars final : public Metrics {
public:
    TrafficEars(Metrics& behind, const Clock& clock) : behind_(behind), clock_(clock) {}

    void count(Counter counter, std::string_view label = {}) override;
    void count_attempt(std::string_view destination, std::string_view outcome) override {
        behind_.count_attempt(destination, outcome);
    }
    void observe(Histogram histogram, double value) override { behind_.observe(histogram, value); }

    std::vector<RecentTraffic::Line> events() const;   // By kind, repeats included.
    std::vector<RecentTraffic::Line> refused() const;  // By cause.

private:
    Metrics& behind_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    RecentTraffic events_;
    RecentTraffic refused_;
};

}  // namespace wrapup
