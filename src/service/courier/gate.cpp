#include "service/courier/gate.hpp"

#include <algorithm>

namespace wrapup {

Gate::Gate(const BreakerPolicy& policy, std::optional<RateLimit> rate)
    : rate_(rate), breaker_(policy) {}

int Gate::room_now(UtcTime now) const {
    if (now < rate_at_) return 0;
    return std::max(0, breaker_.places(now) - taken_);
}

int Gate::take(int at_most, UtcTime now) {
    const std::lock_guard lock(mutex_);
    const int count = std::min(at_most, room_now(now));
    taken_ += count;
    return count;
}

bool Gate::take_for_new(UtcTime now) {
    const std::lock_guard lock(mutex_);
    if (rate_ || !breaker_.is_closed() || room_now(now) == 0) return false;
    taken_ += 1;
    return true;
}

void Gate::give_back(int count) {
    const std::lock_guard lock(mutex_);
    taken_ -= count;
}

void Gate::enter(int count) {
    const std::lock_guard lock(mutex_);
    taken_ += count;
}

bool Gate::is_strict() const {
    const std::lock_guard lock(mutex_);
    return rate_ || !breaker_.is_closed();
}

void Gate::hear(const ClaimedDeliveries& claim, UtcTime now) {
    const std::lock_guard lock(mutex_);
    const bool has_probe = std::ranges::any_of(claim.claimed, &ClaimedDelivery::is_probe);
    breaker_.hear(claim.breaker, has_probe, now);
    rate_at_ = claim.rate_at.value_or(UtcTime{});
}

void Gate::ask_again(UtcTime now) {
    const std::lock_guard lock(mutex_);
    breaker_.ask_again(now);
}

std::optional<Breaker::Change> Gate::end(Breaker::End how, bool is_probe,
                                         std::optional<seconds> retry_after, UtcTime now) {
    const std::lock_guard lock(mutex_);
    taken_ -= 1;
    return breaker_.end(how, is_probe, retry_after, now);
}

std::optional<Breaker::Change> Gate::end_unheard(bool is_probe, UtcTime now) {
    const std::lock_guard lock(mutex_);
    taken_ -= 1;
    return is_probe ? breaker_.give_up_probe(now) : std::nullopt;
}

void Gate::clock_was_set(milliseconds by) {
    const std::lock_guard lock(mutex_);
    breaker_.clock_was_set(by);
    rate_at_ = {};  // The store is asked.
}

int Gate::room(UtcTime now) const {
    const std::lock_guard lock(mutex_);
    return room_now(now);
}

std::optional<UtcTime> Gate::room_at(UtcTime now) const {
    const std::lock_guard lock(mutex_);
    const auto open_until = breaker_.room_at(now);
    if (now < rate_at_) return std::max(open_until.value_or(rate_at_), rate_at_);
    return open_until;
}

int Gate::places(UtcTime now) const {
    const std::lock_guard lock(mutex_);
    return breaker_.places(now);
}

std::optional<RateWait> Gate::rate_wait(UtcTime now) const {
    const std::lock_guard lock(mutex_);
    if (!rate_ || now >= rate_at_) return std::nullopt;
    return RateWait{*rate_, rate_at_};
}

}  // namespace wrapup
