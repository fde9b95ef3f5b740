#pragma once

#include <mutex>
#include <optional>

#include "core/delivery/breaker.hpp"
#include "domain/rate_limit.hpp"

namespace wrapup {

// Lets attempts out to one destination: as many at a time as its breaker allows. How many its rate
// allows the store says with each claim. A place that was taken is given back, or an attempt is
// made in it and is ended. From any thread.
class Gate {
public:
    Gate(const BreakerPolicy& policy, std::optional<RateLimit> rate);

    // Takes so many places, or fewer; returns how many.
    int take(int at_most, UtcTime now);
    // The same for a delivery that is made with its first attempt: there is none while the store
    // has to be asked, for a probe or by a rate.
    bool take_for_new(UtcTime now);
    void give_back(int count);
    // So many attempts begin whether there is room or not: they were claimed when there was.
    void enter(int count);
    // Whether not one more than take() allows may begin.
    bool is_strict() const;

    // What a claim was answered.
    void hear(const ClaimedDeliveries& claim, UtcTime now);
    void ask_again(UtcTime now);  // As Breaker's.

    // An attempt has ended, and gives its place back. Returns what the store is to be told.
    std::optional<Breaker::Change> end(Breaker::End how, bool is_probe,
                                       std::optional<seconds> retry_after, UtcTime now);
    // The same of one that did not get as far as the destination, and says nothing of it.
    std::optional<Breaker::Change> end_unheard(bool is_probe, UtcTime now);

    void clock_was_set(milliseconds by);

    int room(UtcTime now) const;
    // When there is room again by itself; absent when there is, or when a place has to come free.
    std::optional<UtcTime> room_at(UtcTime now) const;
    int places(UtcTime now) const;  // Attempts that may be under way at a time.
    std::optional<RateWait> rate_wait(UtcTime now) const;

private:
    int room_now(UtcTime now) const;

    const std::optional<RateLimit> rate_;
    mutable std::mutex mutex_;
    Breaker breaker_;
    UtcTime rate_at_{};
    int taken_ = 0;
};

}  // namespace wrapup
