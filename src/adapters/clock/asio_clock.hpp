#pragma once

#include "ports/clock.hpp"

namespace wrapup {

// The system's clock, and sleeping on the awaiting coroutine's executor.
class AsioClock final : public Clock {
public:
    UtcTime now() const override;
    Task<void> sleep_until(UtcTime due_at, Alarm* alarm = nullptr) override;
};

}  // namespace wrapup
