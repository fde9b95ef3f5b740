#include "core/store/claim_rules.hpp"

#include <algorithm>

namespace wrapup {
namespace {

std::optional<UtcTime> later(std::optional<UtcTime> due_at, std::optional<UtcTime> lease_until) {
    if (due_at && lease_until) return std::max(*due_at, *lease_until);
    return due_at;
}

void shift(std::optional<UtcTime>& at, milliseconds by) {
    if (at) *at += by;
}

}  // namespace

std::optional<UtcTime> wakes_at(const CallRow& row) {
    return later(row.call.due_at, row.lease.until);
}

std::optional<UtcTime> wakes_at(const DeliveryRow& row) {
    return later(row.delivery.due_at, row.lease.until);
}

std::optional<Error> refuse_claim(const CallRow& row, UtcTime now) {
    if (row.call.state == CallState::merged) {
        return Error{Errc::conflict, "the call was merged into another"};
    }
    if (row.lease.is_held_at(now)) return Error{Errc::conflict, "somebody else holds the call"};
    return std::nullopt;
}

std::optional<Error> refuse_claim(const DeliveryRow& row, UtcTime now) {
    if (row.lease.is_held_at(now)) return Error{Errc::conflict, "somebody else holds the delivery"};
    return std::nullopt;
}

std::int64_t next_fence(std::int64_t fence, std::int64_t holder) {
    if (holder == 0) return fence + 1;
    return (fence / holders_count + 1) * holders_count + holder;
}

void begin_claim(CallRow& row, UtcTime now, milliseconds lease, std::int64_t holder) {
    row.lease.fence = next_fence(row.lease.fence, holder);
    row.lease.until = now + lease;
    row.is_touched = false;
}

void begin_claim(DeliveryRow& row, UtcTime now, milliseconds lease, std::int64_t holder) {
    row.lease.fence = next_fence(row.lease.fence, holder);
    row.lease.until = now + lease;
    if (!row.unresolved_since) row.unresolved_since = row.attempt_started_at;
    row.attempt_started_at = now;
}

int claims_allowed(const KeptDestination& destination, int limit,
                   const std::optional<RateLimit>& rate, UtcTime now) {
    if (destination.row.state != DestinationState::active) return 0;
    int allowed = std::max(0, limit);
    if (const BreakerRow& breaker = destination.row.breaker;
        breaker.state != BreakerState::closed) {
        allowed = std::min(allowed, breaker.retry_at.value_or(now) <= now ? 1 : 0);
    }
    if (rate) allowed = std::min(allowed, destination.rate_use.room(*rate, now));
    return allowed;
}

ClaimedDeliveries note_claims(KeptDestination& destination, std::vector<ClaimedDelivery> claimed,
                              milliseconds lease, const std::optional<RateLimit>& rate,
                              UtcTime now) {
    BreakerRow& breaker = destination.row.breaker;
    int begun = 0;
    for (ClaimedDelivery& one : claimed) {
        if (one.unresolved_since) continue;
        begun += 1;
        if (breaker.state == BreakerState::closed) continue;
        one.is_probe = true;
        breaker.state = BreakerState::half_open;
        breaker.retry_at = now + lease;
    }
    ClaimedDeliveries all{std::move(claimed), breaker, {}};
    if (!rate) return all;
    if (begun > 0) destination.rate_use.add(begun, now);
    if (destination.rate_use.room(*rate, now) == 0) {
        all.rate_at = destination.rate_use.next_at(*rate, now);
    }
    return all;
}

bool was_at_work(const CallRow& row) {
    return row.lease.until || row.call.state == CallState::settling;
}

void void_lease(CallRow& row, UtcTime now) {
    row.lease.until.reset();
    if (row.call.due_at) row.move_due_forward(now);
}

void void_lease(DeliveryRow& row, UtcTime now) {
    row.lease.until.reset();
    // One that was sent by hand was not due, yet somebody has to write its attempt down.
    const bool is_interrupted = row.attempt_started_at || row.unresolved_since;
    if (!row.delivery.due_at && is_interrupted) row.delivery.due_at = now;
    if (row.delivery.due_at) row.delivery.due_at = std::min(*row.delivery.due_at, now);
}

void void_probe(BreakerRow& row, UtcTime now) {
    if (row.state != BreakerState::half_open) return;
    row.state = BreakerState::open;
    row.retry_at = now;
}

void shift(CallRow& row, milliseconds by) {
    shift(row.call.due_at, by);
    shift(row.lease.until, by);
}

void shift(DeliveryRow& row, milliseconds by) {
    shift(row.delivery.due_at, by);
    shift(row.lease.until, by);
}

void shift(BreakerRow& row, milliseconds by) { shift(row.retry_at, by); }

}  // namespace wrapup
