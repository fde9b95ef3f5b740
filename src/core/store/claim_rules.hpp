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

// The fence moves on. For a delivery an attempt begins; one that an earlier claim began, and whose
// end nobody told, stays to be seen as unresolved.
void begin_claim(CallRow& row, UtcTime now, milliseconds lease);
void begin_claim(DeliveryRow& row, UtcTime now, milliseconds lease);

// A process that ended was at work on it: it held the call, or knew whose turn it was to be asked.
bool was_at_work(const CallRow& row);
// Nobody holds it any more, and nobody said how it went: due at once, if it was due at any time, or
// an attempt had begun.
void void_lease(CallRow& row, UtcTime now);
void void_lease(DeliveryRow& row, UtcTime now);

// The clock was set by so much: what is scheduled or leased keeps its remaining wait.
void shift(CallRow& row, milliseconds by);
void shift(DeliveryRow& row, milliseconds by);

}  // namespace wrapup
