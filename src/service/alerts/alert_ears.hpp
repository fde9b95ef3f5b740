#pragma once

#include <atomic>
#include <cstdint>

#include "ports/metrics.hpp"

namespace wrapup {

// Passes on what is counted, and remembers what alerts are made of. From any thread.
class AlertEars final : public Metrics {
public:
    explicit AlertEars(Metrics& behind) : behind_(behind) {}

    void count(Counter counter, std::string_view label = {}) override;
    void observe(Histogram histogram, double value) override { behind_.observe(histogram, value); }

    // Since the start.
    std::int64_t events_count() const { return events_; }
    std::int64_t refused_count() const { return refused_; }  // Senders that were turned away.
    // By the last answer.
    bool is_elevenlabs_key_refused() const { return is_elevenlabs_refused_; }

private:
    Metrics& behind_;
    std::atomic<std::int64_t> events_{0};
    std::atomic<std::int64_t> refused_{0};
    std::atomic<bool> is_elevenlabs_refused_{false};
};

}  // namespace wrapup
