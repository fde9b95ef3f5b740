#include "core/delivery/breaker.hpp"

#include <algorithm>

namespace wrapup {
namespace {

constexpr seconds retry_after_max{std::chrono::hours{24}};
// Answers to requests that were under way together halve the places once.
constexpr seconds halve_at_most_every{1};

}  // namespace

Breaker::Breaker(BreakerPolicy policy, BreakerRow kept)
    : policy_(policy), row_(kept), places_(policy.places_max) {
    if (row_.state == BreakerState::half_open) row_.state = BreakerState::open;
    if (row_.state == BreakerState::open && !row_.retry_at) row_.retry_at = row_.since;
}

int Breaker::places(UtcTime now) const {
    if (row_.state == BreakerState::half_open) return 1;
    if (row_.state == BreakerState::open) return now >= *row_.retry_at ? 1 : 0;
    return static_cast<int>(places_);
}

std::optional<UtcTime> Breaker::room_at(UtcTime now) const {
    if (places(now) > 0) return std::nullopt;
    return row_.retry_at;
}

bool Breaker::begin(UtcTime now) {
    if (row_.state != BreakerState::open || now < *row_.retry_at) return false;
    row_.state = BreakerState::half_open;
    row_.since = now;
    return true;
}

void Breaker::give_up_probe() {
    if (row_.state == BreakerState::half_open) row_.state = BreakerState::open;
}

bool Breaker::probe_now(UtcTime now) {
    if (row_.state != BreakerState::open) return false;
    row_.retry_at = std::min(*row_.retry_at, now);
    row_.failed_probes_count = 0;
    return true;
}

void Breaker::clock_was_set(milliseconds by) {
    row_.since += by;
    if (row_.retry_at) *row_.retry_at += by;
}

void Breaker::end(End how, UtcTime began_at, std::optional<seconds> retry_after, UtcTime now) {
    if (row_.state != BreakerState::closed) {
        if (row_.state == BreakerState::open || began_at < row_.since) return;
        if (how == End::answered) return close(now);
        row_.failed_probes_count += 1;
        return open(retry_after, now);
    }
    const bool is_failure = how != End::answered;
    note_in_window(is_failure, now);
    if (!is_failure) {
        failures_in_row_ = 0;
        grow();
        return;
    }
    failures_in_row_ += 1;
    if (how == End::throttled) halve(now);
    if (failures_in_row_ >= policy_.failures_in_row_max || is_window_bad(now)) {
        row_.failed_probes_count = 0;
        open(retry_after, now);
    }
}

void Breaker::open(std::optional<seconds> retry_after, UtcTime now) {
    const auto doublings = std::min<std::int64_t>(row_.failed_probes_count, 16);
    const seconds wait = std::min(policy_.probe_wait_first * (std::int64_t{1} << doublings),
                                  policy_.probe_wait_last);
    row_.state = BreakerState::open;
    row_.since = now;
    row_.retry_at = now + (retry_after ? std::min(*retry_after, retry_after_max) : wait);
}

void Breaker::close(UtcTime now) {
    row_ = {BreakerState::closed, now, std::nullopt, 0};
    failures_in_row_ = 0;
    window_.fill({});
    places_ = 1;
}

// Additively: one more for each round of answers.
void Breaker::grow() { places_ = std::min<double>(places_ + 1 / places_, policy_.places_max); }

void Breaker::halve(UtcTime now) {
    if (now >= halved_at_ && now - halved_at_ < halve_at_most_every) return;
    halved_at_ = now;
    places_ = std::max(1.0, places_ / 2);
}

std::int64_t Breaker::slice_of(UtcTime now) const {
    const milliseconds length = milliseconds{policy_.window} / slices_count;
    return now.time_since_epoch() / std::max(length, milliseconds{1});
}

void Breaker::note_in_window(bool is_failure, UtcTime now) {
    const std::int64_t number = slice_of(now);
    Slice& slice = window_[static_cast<std::size_t>(number) % window_.size()];
    if (slice.number != number) slice = {number, 0, 0};
    slice.attempts += 1;
    if (is_failure) slice.failures += 1;
}

bool Breaker::is_window_bad(UtcTime now) const {
    const std::int64_t number = slice_of(now);
    int attempts = 0;
    int failures = 0;
    for (const Slice& slice : window_) {
        if (slice.number > number || slice.number <= number - slices_count) continue;
        attempts += slice.attempts;
        failures += slice.failures;
    }
    return attempts >= policy_.attempts_min && 2 * failures >= attempts;
}

}  // namespace wrapup
