#include "service/courier/gate.hpp"

#include <algorithm>

namespace wrapup {

Gate::Gate(const BreakerPolicy& policy, std::optional<RateLimit> rate, const BreakerRow& kept)
    : breaker_(policy, kept) {
    if (rate) rate_.emplace(rate->count, rate->per);
}

int Gate::room_now(UtcTime now) const {
    const int free = breaker_.places(now) - taken_;
    if (!rate_) return std::max(0, free);
    return std::max(0, std::min(free, rate_->room(now) - (taken_ - begun_)));
}

int Gate::take(int at_most, UtcTime now) {
    const std::lock_guard lock(mutex_);
    const int count = std::min(at_most, room_now(now));
    if (count > 0) breaker_.begin(now);
    taken_ += count;
    return count;
}

void Gate::begin(UtcTime now) {
    const std::lock_guard lock(mutex_);
    begun_ += 1;
    if (rate_) rate_->add(now);
}

void Gate::enter(int count) {
    const std::lock_guard lock(mutex_);
    taken_ += count;
}

bool Gate::is_strict() const {
    const std::lock_guard lock(mutex_);
    return rate_ || breaker_.row().state != BreakerState::closed;
}

void Gate::give_back(int count) {
    const std::lock_guard lock(mutex_);
    taken_ -= count;
    if (count > 0 && taken_ == 0) breaker_.give_up_probe();
}

void Gate::end_unheard() {
    {
        const std::lock_guard lock(mutex_);
        begun_ -= 1;
    }
    give_back(1);
}

std::optional<BreakerRow> Gate::end(Breaker::End how, UtcTime began_at,
                                    std::optional<seconds> retry_after, UtcTime now) {
    const std::lock_guard lock(mutex_);
    taken_ -= 1;
    begun_ -= 1;
    const BreakerRow before = breaker_.row();
    breaker_.end(how, began_at, retry_after, now);
    if (breaker_.row() == before) return std::nullopt;
    return breaker_.row();
}

bool Gate::probe_now(UtcTime now) {
    const std::lock_guard lock(mutex_);
    return breaker_.probe_now(now);
}

void Gate::clock_was_set(milliseconds by) {
    const std::lock_guard lock(mutex_);
    breaker_.clock_was_set(by);
}

int Gate::room(UtcTime now) const {
    const std::lock_guard lock(mutex_);
    return room_now(now);
}

std::optional<UtcTime> Gate::room_at(UtcTime now) const {
    const std::lock_guard lock(mutex_);
    if (const auto open_until = breaker_.room_at(now)) return open_until;
    if (rate_ && !rate_->has_room(now)) return now + rate_->left(now);
    return std::nullopt;
}

BreakerRow Gate::row() const {
    const std::lock_guard lock(mutex_);
    return breaker_.row();
}

int Gate::places(UtcTime now) const {
    const std::lock_guard lock(mutex_);
    return breaker_.places(now);
}

}  // namespace wrapup
