#pragma once

#include <mutex>
#include <optional>

#include "base/rate_window.hpp"
#include "core/delivery/breaker.hpp"

namespace wrapup {

// Lets attempts out to one destination: as many at a time as its breaker allows, and no faster than
// its rate. A place that was taken is given back, or an attempt begins in it and is ended. From any
// thread.
class Gate {
public:
    Gate(const BreakerPolicy& policy, std::optional<RateLimit> rate, const BreakerRow& kept);

    // Takes so many places, or fewer; returns how many. After an opening one is a probe.
    int take(int at_most, UtcTime now);
    // In a place that was taken an attempt begins: that is what the rate counts.
    void begin(UtcTime now);
    // Places in which nothing began.
    void give_back(int count);
    // So many attempts begin whether there is room or not: they were claimed when there was.
    void enter(int count);
    // Whether not one more than take() allows may begin: by a probe, or a rate.
    bool is_strict() const;

    // An attempt has ended, and gives its place back. Returns what is to be kept when the breaker's
    // state has changed by it.
    std::optional<BreakerRow> end(Breaker::End how, UtcTime began_at,
                                  std::optional<seconds> retry_after, UtcTime now);
    // The same of one that did not get as far as the destination, and says nothing of it.
    void end_unheard();

    bool probe_now(UtcTime now);  // As Breaker's.
    void clock_was_set(milliseconds by);

    int room(UtcTime now) const;
    // When there is room again by itself; absent when there is, or when a place has to come free.
    std::optional<UtcTime> room_at(UtcTime now) const;
    BreakerRow row() const;
    int places(UtcTime now) const;  // Attempts that may be under way at a time.

private:
    int room_now(UtcTime now) const;

    mutable std::mutex mutex_;
    Breaker breaker_;
    mutable std::optional<RateWindow> rate_;
    int taken_ = 0;
    int begun_ = 0;  // Of the places taken: attempts that are under way.
};

}  // namespace wrapup
