#pragma once

// The circuit breaker of one destination, and how many attempts may be under way to it. Sans-IO:
// whoever sends asks for room, and tells how each attempt ended.

#include <array>
#include <cstdint>
#include <optional>

#include "domain/operations.hpp"

namespace wrapup {

// At most so many attempts begin in each window of time.
struct RateLimit {
    int count = 0;
    milliseconds per{seconds{1}};

    bool operator==(const RateLimit&) const = default;
};

struct BreakerPolicy {
    int failures_in_row_max = 10;
    // Opens too when half of at least so many attempts failed within the window.
    int attempts_min = 20;
    seconds window{30};
    // Waits before the first, second, … probe: doubled each time. A Retry-After takes their place.
    seconds probe_wait_first{5};
    seconds probe_wait_last{300};
    int places_max = 256;  // Attempts under way at a time.
};

class Breaker {
public:
    // A probe that a process did not end is made again.
    explicit Breaker(BreakerPolicy policy, BreakerRow kept = {});

    enum class End {
        answered,   // By whatever final word: accepted, or refused for good.
        failed,     // No answer, or one that is worth a retry.
        throttled,  // 429 or 503: too much at a time.
    };

    // How many attempts may be under way at `now`, the present ones included: none while open, one
    // when a probe is due, else as many as the destination has borne (AIMD): after a recovery one,
    // one more for each round of answers, half as many after a 429 or 503.
    int places(UtcTime now) const;
    // When places() grows from nothing. Absent: it is not nothing.
    std::optional<UtcTime> room_at(UtcTime now) const;

    // An attempt begins: a probe when it was due. True for a probe.
    bool begin(UtcTime now);
    // An attempt that began at `began_at` has ended. What began before the state changed says
    // nothing about it.
    void end(End how, UtcTime began_at, std::optional<seconds> retry_after, UtcTime now);

    // The probe that had begun is not made after all.
    void give_up_probe();
    // A person has mended it: the next probe is due now. False: it is not open.
    bool probe_now(UtcTime now);
    // The wall clock was set by so much: the next probe is as far away as it was.
    void clock_was_set(milliseconds by);

    const BreakerRow& row() const { return row_; }

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
    void close(UtcTime now);
    void grow();
    void halve(UtcTime now);
    std::int64_t slice_of(UtcTime now) const;

    BreakerPolicy policy_;
    BreakerRow row_;
    int failures_in_row_ = 0;
    std::array<Slice, slices_count> window_;
    double places_;
    UtcTime halved_at_{};
};

}  // namespace wrapup
