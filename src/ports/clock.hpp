#pragma once

// Time and waiting. Only adapters/clock reads the system's clock.

#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "base/time.hpp"
#include "ports/task.hpp"

namespace wrapup {

// Lets somebody on the same executor end another one's sleep early. One sleeper at a time. A ring
// that finds nobody asleep is kept for the next sleep, so that no wake-up is lost.
class Alarm {
public:
    void ring() {
        is_rung_ = true;
        if (sleep_ != nullptr) sleep_->end();
    }

    // The rest is for implementations of Clock.
    class Sleep {
    public:
        // The sleeper goes on soon, not within this call. Once it is awake: nothing.
        virtual void end() = 0;

    protected:
        ~Sleep() = default;
    };
    bool take() { return std::exchange(is_rung_, false); }
    void watch(Sleep* sleep) { sleep_ = sleep; }

private:
    Sleep* sleep_ = nullptr;
    bool is_rung_ = false;
};

class Clock {
public:
    virtual ~Clock() = default;
    virtual UtcTime now() const = 0;
    // How far now() is ahead of a clock that nobody can set, and that runs while the machine is
    // suspended. It changes when, and only when, the wall clock is set (or slewed, slowly).
    virtual milliseconds ahead() const { return milliseconds{0}; }
    // Returns at `due_at`, or as soon as `alarm` rings or had rung before. When `due_at` is past,
    // other ready work still runs first. `alarm` may be null and outlives the sleep. A clock that
    // is set back meanwhile does not make the sleep longer: it may end before now() is `due_at`.
    virtual Task<void> sleep_until(UtcTime due_at, Alarm* alarm = nullptr) = 0;
};

}  // namespace wrapup
