#pragma once

#include <algorithm>
#include <atomic>

#include "ports/clock.hpp"

namespace wrapup {

// The clock of the database that several nodes share, so that nothing depends on how their own are
// set. Between what the database tells, time goes on by a clock that nobody can set. Any thread.
class SharedClock final : public Clock {
public:
    explicit SharedClock(Clock& wall) : wall_(wall), ahead_(wall.ahead()) {}

    UtcTime now() const override { return UtcTime{steady() + ahead_.load()}; }
    milliseconds ahead() const override { return ahead_; }
    Task<void> sleep_until(UtcTime due_at, Alarm* alarm = nullptr) override {
        return wall_.sleep_until(due_at + (wall_.now() - now()), alarm);
    }

    milliseconds steady() const { return wall_.now().time_since_epoch() - wall_.ahead(); }
    // The database said `told` at some time between `before` and `after`, which are steady().
    // What is known changes only where that shows it to be wrong: an answer that took long says
    // little.
    void heard(milliseconds before, milliseconds after, UtcTime told) {
        const milliseconds least = told.time_since_epoch() - after;
        const milliseconds most = told.time_since_epoch() - before;
        ahead_ = std::clamp(ahead_.load(), least, std::max(least, most));
    }

private:
    Clock& wall_;
    std::atomic<milliseconds> ahead_;
};

}  // namespace wrapup
