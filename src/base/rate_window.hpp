#pragma once

#include "base/time.hpp"

namespace wrapup {

// Lets so many things happen in each window of time. A clock set back begins a new window, so that
// nothing waits for hours.
class RateWindow {
public:
    RateWindow(int count_max, milliseconds length) : count_max_(count_max), length_(length) {}

    // Counts one more; false when there were too many already.
    bool take(UtcTime now) {
        if (!has_room(now)) return false;
        count_ += 1;
        return true;
    }
    bool has_room(UtcTime now) {
        roll(now);
        return count_ < count_max_;
    }
    // Until the next window.
    milliseconds left(UtcTime now) {
        roll(now);
        return began_at_ + length_ - now;
    }

private:
    void roll(UtcTime now) {
        if (now >= began_at_ && now - began_at_ < length_) return;
        began_at_ = now;
        count_ = 0;
    }

    int count_max_;
    milliseconds length_;
    UtcTime began_at_{};
    int count_ = 0;
};

}  // namespace wrapup
