#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ports/metrics.hpp"

namespace wrapup {

// Whether a request that was refused for this cause is no sender's, so that no call is lost by it;
// and of what the store could not take, whose own alerts tell it.
bool is_of_no_sender(std::string_view cause);

// Passes on what is counted, and remembers what alerts are made of. From any thread.
class AlertEars final : public Metrics {
public:
    explicit AlertEars(Metrics& behind) : behind_(behind) {}

    void count(Counter counter, std::string_view label = {}) override;
    void count_attempt(std::string_view destination, std::string_view outcome) override {
        behind_.count_attempt(destination, outcome);
    }
    void observe(Histogram histogram, double value) override { behind_.observe(histogram, value); }

    // Since the start.
    std::int64_t events_count() const { return events_; }
    std::int64_t refused_count() const { return refused_; }  // Senders that were turned away.
    std::string_view last_refusal() const;                   // Its cause; empty: there was none.
    // By the last answer; nothing: none that says so has come yet.
    std::optional<bool> is_elevenlabs_key_refused() const { return heard(elevenlabs_); }
    std::optional<bool> is_twilio_refusing() const { return heard(twilio_); }
    void hear_twilio_took_us() { twilio_ = Heard::taken; }

private:
    enum class Heard { nothing, taken, refused };
    static std::optional<bool> heard(const std::atomic<Heard>& from) {
        const Heard last = from;
        return last == Heard::nothing ? std::nullopt : std::optional(last == Heard::refused);
    }

    Metrics& behind_;
    std::atomic<std::int64_t> events_{0};
    std::atomic<std::int64_t> refused_{0};
    std::atomic<std::size_t> last_refusal_{SIZE_MAX};  // Among the known labels.
    std::atomic<Heard> elevenlabs_{Heard::nothing};
    std::atomic<Heard> twilio_{Heard::nothing};
};

}  // namespace wrapup
