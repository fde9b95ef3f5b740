#pragma once

// The circuit breaker of one destination, and how many attempts may be under way to it. Sans-IO:
// whoever sends asks for room, and tells how each attempt ended. Its state is the store's, which
// lets nothing be claimed while it is open, and one attempt as the probe: so it is the same for all
// nodes. What led to it, and the places, are each node's own.

#include <array>
#include <cstdint>
#include <optional>

#include "domain/operations.hpp"

namespace wrapup {

struct BreakerPolicy {
    int failures_in_row_max = 10;
    // Opens too when half of at least so many attempts failed within the window.
    int attempts_min = 20;
    seconds window{30};
    // Waits before the first, second, … probe: doubled each time. A Retry-After takes their place.
    seconds probe_wait_first{5};
    seconds probe_wait_last{300};
    int places_max = 256;  // Attempts under way at a time.
    // A breaker that closed so lately may be in the middle of its recovery, of which only those who
    // were there know how far it is.
    seconds recovery{600};
};

class Breaker {
public:
    explicit Breaker(BreakerPolicy policy);

    enum class End {
        answered,   // By whatever final word: accepted, or refused for good.
        failed,     // No answer, or one that is worth a retry.
        throttled,  // 429 or 503: too much at a time.
    };

    // How many attempts may be under way at `now`, the present ones included: one before the store
    // was asked, none while it is not closed, one when the store is to be asked whether a probe may
    // be made, else as many as the destination has borne (AIMD): after a recovery one, one more for
    // each round of answers, half as many after a 429 or 503.
    int places(UtcTime now) const;
    // When places() grows from nothing. Absent: it is not nothing.
    std::optional<UtcTime> room_at(UtcTime now) const;

    // The store was asked (ClaimedDeliveries): so it is, and `has_probe`: the probe is ours. While
    // it is not closed the store is asked again when a probe is due, and every few seconds, for
    // another node may have closed it.
    void hear(const BreakerRow& stored, bool has_probe, UtcTime now);
    // The store is to be asked again at once.
    void ask_again(UtcTime now);

    // What the store is to be told (PutBreaker).
    struct Change {
        BreakerRow seen;
        BreakerRow now;
    };
    // An attempt has ended. While it is not closed only a probe says anything.
    std::optional<Change> end(End how, bool is_probe, std::optional<seconds> retry_after,
                              UtcTime now);
    // The probe is not made after all: the next record may be it.
    std::optional<Change> give_up_probe(UtcTime now);
    // The wall clock was set by so much, and the store's times with it.
    void clock_was_set(milliseconds by) {
        ask_at_ += by;
        if (row_.retry_at) *row_.retry_at += by;
    }

    bool is_closed() const { return row_.state == BreakerState::closed; }

private:
    struct Slice {
        std::int64_t number = 0;  // Of the time since the epoch.
        int attempts = 0;
        int failures = 0;
    };
    static constexpr int slices_count = 6;

    bool is_window_bad(UtcTime now) const;
    void note_in_window(bool is_failure, UtcTime now);
    void open(std::optional<seconds> retry_after, UtcTime now);
    void close();
    void grow();
    void halve(UtcTime now);
    std::int64_t slice_of(UtcTime now) const;

    BreakerPolicy policy_;
    BreakerRow row_;
    bool is_known_ = false;  // The row, from the store.
    bool has_probe_ = false;
    UtcTime ask_at_{};  // While it is not closed.
    int failures_in_row_ = 0;
    std::array<Slice, slices_count> window_;
    double places_ = 1;
    UtcTime halved_at_{};
};

}  // namespace wrapup
