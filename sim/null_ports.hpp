#pragma once

#include "base/assert.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"

namespace wrapup {

class NullLog final : public EventLog {
public:
    void write(const LogLine&) override {}
};

class NullMetrics final : public Metrics {
public:
    void count(Counter counter, std::string_view label) override {
        WRAPUP_ASSERT(is_known_label(counter, label));
    }
    void observe(Histogram, double) override {}
};

}  // namespace wrapup
