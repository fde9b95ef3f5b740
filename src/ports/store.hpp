#pragma once

// Wrapup's own state: events, calls, deliveries, attempts, destinations, and the metadata that was
// handed to us. What the operations mean is decided in core/store_rules.hpp, the same for every
// implementation; each of them passes test/store_conformance.hpp.
//
// All methods may block on a disk or a network and are called away from the event loops; write
// methods from one thread at a time, read methods from any number. No method reads a clock: `now`
// is an argument. Errors: unavailable (full disk, lost connection: try again later), corrupt
// (damage: nothing is acknowledged any more until a person has acted).
//
// Leases. A claim hides work from other workers until `lease_until` and carries a fence; whoever
// writes back names the fence and gets conflict when somebody claimed after him, or when the claim
// was already answered or given back. A lease ends at `lease_until` (a claim at that very moment
// succeeds), yet its holder may still answer until somebody else has claimed.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "domain/operations.hpp"

namespace wrapup {

// Calls by the time of their first event, newest first. Merged ones only when asked for by state.
struct CallFilter {
    std::optional<CallState> state;
    std::optional<Outcome> outcome;
    std::string campaign;
    std::string phone;              // Normalized.
    std::string id;                 // Identity, CallSid or conversation id; merges followed.
    std::optional<UtcTime> after;   // First event at or after.
    std::optional<UtcTime> before;  // First event before.
    std::string cursor;             // From the page before; empty: newest first from the start.
    int limit = 50;
};
struct CallPage {
    std::vector<Call> calls;
    std::string next_cursor;  // Empty at the end.
};

struct DeliveryStory {
    Delivery delivery;
    bool is_claimed = false;
    std::vector<Attempt> attempts;
};
struct CallStory {
    Call call;
    std::vector<StoredEvent> events;
    std::vector<DeliveryStory> deliveries;
};

struct StoreCounts {
    std::vector<std::pair<CallState, std::int64_t>> calls;
    std::vector<std::pair<ParkReason, std::int64_t>> parked;  // Calls by reason.
    std::int64_t deliveries_pending = 0;
    std::int64_t late_conflicts = 0;
    std::int64_t unknown_outcomes = 0;  // Attempts ever.
};

class Store {
public:
    virtual ~Store() = default;

    // ---- Writes: one thread at a time. ----

    // Applies the operations in order in one transaction that is durable when this returns. An
    // error as a whole means that none is applied, or, after a lost connection, that nobody knows:
    // operations are safe to repeat. Otherwise one outcome per operation.
    virtual Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) = 0;

    // Claims calls due at `now`, longest due first (one whose lease ran out is due since then),
    // with their events. Need not be durable.
    virtual Result<std::vector<ClaimedCall>> claim_calls(UtcTime now, UtcTime lease_until,
                                                         int limit) = 0;
    // Claims this call whether due or not. not_found; conflict while somebody else holds it, or
    // when it was merged.
    virtual Result<ClaimedCall> claim_call(std::string_view call_id, UtcTime now,
                                           UtcTime lease_until) = 0;

    // Claims pending deliveries to an active destination due at `now`, longest due first. Durable:
    // after a crash, or when a lease ran out, the next claim sees unresolved_since.
    virtual Result<std::vector<ClaimedDelivery>> claim_deliveries(std::string_view destination,
                                                                  UtcTime now, UtcTime lease_until,
                                                                  int limit) = 0;
    // Claims this delivery in whatever state, due or not, destination active or not.
    // not_found; conflict while somebody else holds it.
    virtual Result<ClaimedDelivery> claim_delivery(std::int64_t delivery_id, UtcTime now,
                                                   UtcTime lease_until) = 0;

    // For a store that belongs to one process: voids every lease at its start. Work that was in
    // progress is due at once, and so is every call that is settling, because its turn to be asked
    // about was known to that process only; open attempts stay visible as unresolved.
    virtual Result<void> void_leases(UtcTime now) = 0;

    // The wall clock was set by `by` (negative: back) and is `now`. What is scheduled or leased
    // keeps its remaining wait. A time that now lies ahead, at which an event of a call without a
    // record came, moves with it, so that nothing waits for it to come again.
    virtual Result<void> shift_times(milliseconds by, UtcTime now) = 0;

    // ---- Reads: any thread. ----

    // When the next call, or delivery to that destination, falls due or its lease runs out. Nothing
    // for a destination that is not active.
    virtual Result<std::optional<UtcTime>> next_call_due() = 0;
    virtual Result<std::optional<UtcTime>> next_delivery_due(std::string_view destination) = 0;

    // The identity that a CallSid or conversation id stands for, merges followed. not_found.
    virtual Result<std::string> resolve(std::string_view any_id) = 0;
    virtual Result<CallStory> find_story(std::string_view call_id) = 0;  // not_found
    virtual Result<CallPage> list_calls(const CallFilter& filter) = 0;   // invalid_input: cursor
    virtual Result<StoreCounts> counts() = 0;
    virtual Result<std::vector<DestinationRow>> destinations() = 0;  // Only those ever set.

    // What was handed to us for each call: PutMetadata, with its campaign (by id) and the contact
    // of `to` (of the metadata, else of the query) filled in, and the contact's campaign where the
    // call has none. In the order of the queries; an entry is empty (default) when nothing at
    // all is known.
    struct MetadataKey {
        std::string call_id;
        std::string conversation_id;
        std::string to;           // The other party's number.
        bool is_inbound = false;  // Then `to` of the metadata is our own number.
        bool has_contact = true;  // False: without what a contact adds.

        const std::string& contact_number(const CallMetadata& metadata) const {
            return is_inbound || metadata.to.empty() ? to : metadata.to;
        }
    };
    virtual Result<std::vector<CallMetadata>> own_metadata(std::span<const MetadataKey> keys) = 0;
    // By name or id order; `after` is the last id (phone) of the page before.
    virtual Result<std::vector<Campaign>> list_campaigns(std::string_view after, int limit) = 0;
    virtual Result<std::vector<Contact>> list_contacts(std::string_view after, int limit) = 0;

    // Nothing when all is well, else what is broken, in words. May take long.
    virtual Result<std::vector<std::string>> check_integrity() = 0;
};

}  // namespace wrapup
