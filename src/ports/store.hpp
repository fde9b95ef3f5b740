#pragma once

// Wrapup's own state: events, calls, deliveries, attempts, destinations, and the metadata that was
// handed to us. What the operations mean is decided in core/store/store_rules.hpp, the same for
// every implementation; each of them passes test/store_conformance.hpp. It has a part for each of
// its users, who name the part that they need.
//
// All methods may block on a disk or a network and are called away from the event loops; writing
// ones (commit, claims) from one thread at a time, reading ones from any number. Errors:
// unavailable (full disk, lost connection: try again later), corrupt (damage: nothing is
// acknowledged any more until a person has acted).
//
// Time. `now` is the caller's: the store reads no clock to fill in or compare what it keeps. Only
// leases are counted by the store that hands them out: it is told how long, and one that several
// nodes share counts by its own clock, so that no node's clock shortens another's.
//
// Leases. A claim hides work from other workers for as long as its lease and carries a fence;
// whoever writes back names the fence and gets conflict when somebody claimed after him, or when
// the claim was already answered or given back. At its very end a claim by others succeeds, yet its
// holder may still answer until somebody else has claimed.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/operations.hpp"
#include "domain/rate_limit.hpp"
#include "ports/intent_store.hpp"
#include "ports/reconciliation_store.hpp"
#include "ports/store_queries.hpp"

namespace wrapup {

// Everything that is written, by whoever commits.
class StoreWrites {
public:
    // Applies the operations in order in one transaction that is durable when this returns. An
    // error as a whole means that none is applied, or, after a lost connection, that nobody knows:
    // operations are safe to repeat. Otherwise one outcome per operation.
    virtual Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) = 0;

protected:
    ~StoreWrites() = default;
};

// The settler's work.
class CallClaims {
public:
    // Claims calls due at `now`, longest due first (one whose lease ran out is due since then),
    // with their events. Need not be durable.
    virtual Result<std::vector<ClaimedCall>> claim_calls(UtcTime now, milliseconds lease,
                                                         int limit) = 0;
    // Claims this call whether due or not. not_found; conflict while somebody else holds it, or
    // when it was merged.
    virtual Result<ClaimedCall> claim_call(std::string_view call_id, UtcTime now,
                                           milliseconds lease) = 0;
    // When the next call falls due or its lease runs out.
    virtual Result<std::optional<UtcTime>> next_call_due() = 0;

protected:
    ~CallClaims() = default;
};

// A courier's work.
class DeliveryClaims {
public:
    // Claims pending deliveries to an active destination due at `now`, longest due first. Durable:
    // after a crash, or when a lease ran out, the next claim sees unresolved_since. Whoever claims
    // makes the attempts at once: of `rate`, which all nodes share, they count from now on. While
    // the destination's breaker is open there is nothing to claim, and one delivery when a probe
    // is due.
    virtual Result<ClaimedDeliveries> claim_deliveries(std::string_view destination, UtcTime now,
                                                       milliseconds lease, int limit,
                                                       const std::optional<RateLimit>& rate) = 0;
    // Claims this delivery in whatever state, due or not, destination active or not.
    // not_found; conflict while somebody else holds it.
    virtual Result<ClaimedDelivery> claim_delivery(std::int64_t delivery_id, UtcTime now,
                                                   milliseconds lease) = 0;
    // When the next delivery to that destination falls due or its lease runs out. Nothing when the
    // destination is not active.
    virtual Result<std::optional<UtcTime>> next_delivery_due(std::string_view destination) = 0;

protected:
    ~DeliveryClaims() = default;
};

// All of a store.
class Store : public StoreWrites,
              public CallClaims,
              public DeliveryClaims,
              public StoreQueries,
              public ReconciliationStore,
              public IntentQueries {
public:
    virtual ~Store() = default;
};

// What only a store has that lives with its one process, in files of this machine.
class EmbeddedStore : public Store {
public:
    // At the start: voids every lease, for nobody is left who holds one. Work that was in progress
    // is due at once, and so is every call that is settling, because its turn to be asked about was
    // known to that process only; open attempts stay visible as unresolved, and what was sent by
    // hand, whatever its state, is due for that.
    virtual Result<void> void_leases(UtcTime now) = 0;

    // The wall clock was set by `by` (negative: back) and is `now`. What is scheduled or leased
    // keeps its remaining wait, and so does a breaker that is open. The times at which the events
    // of calls without a record came move with it, because waits count from them; set back, only
    // those that now lie ahead.
    virtual Result<void> shift_times(milliseconds by, UtcTime now) = 0;

    // When it was last written to, by the clock of that time; nothing where nobody knows, or where
    // its times are those of another machine's clock.
    virtual Result<std::optional<UtcTime>> last_written_at() { return std::optional<UtcTime>{}; }

    // Nothing when all is well, else what is broken, in words. May take long.
    virtual Result<std::vector<std::string>> check_integrity() = 0;
};

}  // namespace wrapup
