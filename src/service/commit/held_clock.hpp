#pragma once

#include <atomic>

#include "core/store/clock_step.hpp"
#include "ports/clock.hpp"

namespace wrapup {

// The wall clock as the workers see it. When somebody sets the wall clock, this one goes on as
// before until what is scheduled was brought in (ClockWatch): both change together, so that nobody
// takes what has just begun for overdue. Any thread.
class HeldClock final : public Clock {
public:
    explicit HeldClock(Clock& wall) : wall_(wall), ahead_(wall.ahead()) {}

    UtcTime now() const override { return wall_.now() - step(); }
    // Of the time that it shows: it changes with follow().
    milliseconds ahead() const override { return ahead_; }
    Task<void> sleep_until(UtcTime due_at, Alarm* alarm = nullptr) override {
        return wall_.sleep_until(due_at + step(), alarm);
    }

    // By how much the wall clock was set, or slewed, and nobody has followed.
    milliseconds held_back() const { return wall_.ahead() - ahead_.load(); }
    void follow(milliseconds by) { ahead_ = ahead_.load() + by; }

private:
    milliseconds step() const {
        const milliseconds by = held_back();
        return std::chrono::abs(by) < clock_step_min ? milliseconds{0} : by;
    }

    Clock& wall_;
    std::atomic<milliseconds> ahead_;
};

}  // namespace wrapup
