#pragma once

// What the connections of a store know together of their server: whether it still says anything,
// and until when anybody waits for it. From any thread.

#include <atomic>
#include <chrono>

#include "base/time.hpp"

namespace wrapup::postgres {

class Pulse {
public:
    using Time = std::chrono::steady_clock::time_point;

    // Something came from the server, on whatever connection.
    void heard(Time now) {
        heard_at_ = now;
        if (is_silent_) is_silent_ = false;
    }
    // What never takes long was asked for at `from`, too long ago.
    void note_wait(Time from) {
        if (heard_at_.load() < from) is_silent_ = true;
    }
    bool is_silent() const { return is_silent_; }

    // All waits end by the earliest of these, and none begins after it.
    void end_by(Time end) {
        if (end < end_.load()) end_ = end;
    }
    Time end() const { return end_; }

private:
    std::atomic<Time> heard_at_{Time{}};
    std::atomic<bool> is_silent_{false};
    std::atomic<Time> end_{Time::max()};
};

}  // namespace wrapup::postgres
