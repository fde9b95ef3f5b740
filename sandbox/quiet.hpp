#pragma once

// The sandbox's servers need somewhere to log and count to, and nobody reads it.

#include "ports/event_log.hpp"
#include "ports/metrics.hpp"

namespace wrapup {

class QuietLog final : public EventLog {
public:
    void write(const LogLine&) override {}
};

class QuietMetrics final : public Metrics {
public:
    void count(Counter, std::string_view) override {}
    void observe(Histogram, double) override {}
};

}  // namespace wrapup
