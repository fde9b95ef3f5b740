#pragma once

// Claims: a lease hides work from others, and the fence tells the last claim from earlier ones.

#include "core/store/working_set.hpp"

namespace wrapup {

// When the row wakes: it is due and nobody holds it. Absent: never by itself.
std::optional<UtcTime> wakes_at(const CallRow& row);
std::optional<UtcTime> wakes_at(const DeliveryRow& row);

// Why this very row cannot be claimed now, due or not: conflict.
std::optional<Error> refuse_claim(const CallRow& row, UtcTime now);
std::optional<Error> refuse_claim(const DeliveryRow& row, UtcTime now);

// Of several nodes each has a number, which a fence carries beside its counter: a claim that was
// lost with a database's primary leaves its counter to others. 0: there is one node only.
inline constexpr std::int64_t holders_count = std::int64_t{1} << 20;
std::int64_t next_fence(std::int64_t fence, std::int64_t holder);
constexpr std::int64_t holder_of(std::int64_t fence) { return fence % holders_count; }

// The fence moves on. For a delivery an attempt begins; one that an earlier claim began, and whose
// end nobody told, stays to be seen as unresolved.
void begin_claim(CallRow& row, UtcTime now, milliseconds lease, std::int64_t holder = 0);
void begin_claim(DeliveryRow& row, UtcTime now, milliseconds lease, std::int64_t holder = 0);

// How many deliveries to it may be claimed at `now`: none that its state or breaker holds back, one
// when a probe is due, no more than its rate lets begin.
int claims_allowed(const KeptDestination& destination, int limit,
                   const std::optional<RateLimit>& rate, UtcTime now);
// These were claimed of it. Of each an attempt begins now, but of one whose earlier attempt has to
// be written down first.
ClaimedDeliveries note_claims(KeptDestination& destination, std::vector<ClaimedDelivery> claimed,
                              milliseconds lease, const std::optional<RateLimit>& rate,
                              UtcTime now);

// A process that ended was at work on it: it held the call, or knew whose turn it was to be asked.
bool was_at_work(const CallRow& row);
// Nobody holds it any more, and nobody said how it went: due at once, if it was due at any time, or
// an attempt had begun.
void void_lease(CallRow& row, UtcTime now);
void void_lease(DeliveryRow& row, UtcTime now);
// The probe that was under way is made again.
void void_probe(BreakerRow& row, UtcTime now);

// The clock was set by so much: what is scheduled or leased keeps its remaining wait.
void shift(CallRow& row, milliseconds by);
void shift(DeliveryRow& row, milliseconds by);
void shift(BreakerRow& row, milliseconds by);

}  // namespace wrapup
