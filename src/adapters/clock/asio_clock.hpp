#pragma once

#include <functional>

#include "ports/clock.hpp"

namespace wrapup {

// Where the time comes from. Tests bring their own.
struct ClockSource {
    std::function<UtcTime()> wall;
    std::function<milliseconds()> steady;  // Since some moment; nobody can set it.

    // The system's. Its steady clock runs while the machine is suspended.
    static ClockSource system();
};

// The system's clock, and sleeping on the awaiting coroutine's executor.
class AsioClock final : public Clock {
public:
    explicit AsioClock(ClockSource source = ClockSource::system());

    UtcTime now() const override { return source_.wall(); }
    milliseconds ahead() const override;
    Task<void> sleep_until(UtcTime due_at, Alarm* alarm = nullptr) override;

private:
    ClockSource source_;
};

}  // namespace wrapup
