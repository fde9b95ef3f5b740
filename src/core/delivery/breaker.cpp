#include "core/delivery/breaker.hpp"

#include <algorithm>
#include <utility>

namespace wrapup {
namespace {

constexpr seconds retry_after_max{std::chrono::hours{24}};
// Answers to requests that were under way together halve the places once.
constexpr seconds halve_at_most_every{1};
// Another node, or a person, may have closed it or made a probe due.
constexpr seconds ask_every{5};
constexpr seconds ask_of_probe{1};  // Most end within it.

}  // namespace

Breaker::Breaker(BreakerPolicy policy) : policy_(policy) {}

int Breaker::places(UtcTime now) const {
    if (is_closed()) return static_cast<int>(places_);
    return has_probe_ || now >= ask_at_ ? 1 : 0;
}

std::optional<UtcTime> Breaker::room_at(UtcTime now) const {
    if (places(now) > 0) return std::nullopt;
    return ask_at_;
}

void Breaker::hear(const BreakerRow& stored, bool has_probe, UtcTime now) {
    has_probe_ = has_probe;
    const bool is_first = !std::exchange(is_known_, true);
    const BreakerRow known = std::exchange(row_, stored);
    if (stored.state == BreakerState::closed) {
        const bool is_recovery =
            stored.since != known.since && now - stored.since < policy_.recovery;
        if (known.state != BreakerState::closed || is_recovery) {
            close();
        } else if (is_first) {
            places_ = policy_.places_max;
        }
        return;
    }
    const bool is_probed = stored.state == BreakerState::half_open;
    ask_at_ = std::min(stored.retry_at.value_or(now), now + (is_probed ? ask_of_probe : ask_every));
}

void Breaker::ask_again(UtcTime now) {
    has_probe_ = false;
    ask_at_ = now;
}

std::optional<Breaker::Change> Breaker::end(End how, bool is_probe,
                                            std::optional<seconds> retry_after, UtcTime now) {
    const BreakerRow seen = row_;
    if (!is_closed()) {
        if (!is_probe || !has_probe_) return std::nullopt;
        has_probe_ = false;
        if (how == End::answered) {
            close();
            row_ = {BreakerState::closed, now, std::nullopt, 0};
        } else {
            row_.failed_probes_count += 1;
            open(retry_after, now);
        }
        return Change{seen, row_};
    }
    const bool is_failure = how != End::answered;
    note_in_window(is_failure, now);
    if (!is_failure) {
        failures_in_row_ = 0;
        grow();
        return std::nullopt;
    }
    failures_in_row_ += 1;
    if (how == End::throttled) halve(now);
    if (failures_in_row_ < policy_.failures_in_row_max && !is_window_bad(now)) return std::nullopt;
    row_.failed_probes_count = 0;
    open(retry_after, now);
    return Change{seen, row_};
}

std::optional<Breaker::Change> Breaker::give_up_probe(UtcTime now) {
    if (!has_probe_) return std::nullopt;
    const BreakerRow seen = row_;
    row_.state = BreakerState::open;
    row_.retry_at = now;
    ask_again(now);
    return Change{seen, row_};
}

void Breaker::open(std::optional<seconds> retry_after, UtcTime now) {
    const auto doublings = std::min<std::int64_t>(row_.failed_probes_count, 16);
    const seconds wait = std::min(policy_.probe_wait_first * (std::int64_t{1} << doublings),
                                  policy_.probe_wait_last);
    if (is_closed()) row_.since = now;
    row_.state = BreakerState::open;
    row_.retry_at = now + (retry_after ? std::min(*retry_after, retry_after_max) : wait);
    ask_at_ = std::min(*row_.retry_at, now + ask_every);
}

void Breaker::close() {
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
