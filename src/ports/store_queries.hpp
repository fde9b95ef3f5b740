#pragma once

// What is read from a store (ports/store.hpp) by those who show it or ask it.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "domain/call.hpp"
#include "domain/delivery_filter.hpp"
#include "domain/event.hpp"
#include "domain/failure.hpp"
#include "domain/ledger.hpp"
#include "domain/operations.hpp"
#include "domain/stats.hpp"

namespace wrapup {

// Calls by the time of their first event, newest first. Merged ones only when asked for by state.
struct CallFilter {
    std::optional<CallState> state;
    std::optional<Outcome> outcome;
    std::string campaign;
    bool has_no_campaign = false;  // Those with a record without one.
    std::optional<ParkReason> parked;
    std::string phone;  // Normalized.
    std::string
        phone_end;     // Its last digits: of calls to such numbers when there is none to `phone`.
    std::string name;  // Part of it, in any case.
    // Identity, CallSid or conversation id; merges followed. Or how a CallSid begins.
    std::string id;
    std::optional<UtcTime> after;   // First event at or after.
    std::optional<UtcTime> before;  // First event before.
    // Those whose quarter of an hour in the ledger begins in it (core/store/ledger.hpp).
    std::optional<TimeSpan> counted_in;
    std::string cursor;  // From the page before; empty: newest first from the start.
    int limit = 50;
};
// A page may be short, or empty, and go on: only so many are looked at for one.
struct CallPage {
    std::vector<Call> calls;
    std::string next_cursor;  // Empty at the end.
};
inline constexpr int call_scan_max = 10'000;

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

struct DestinationCounts {
    std::int64_t pending = 0;
    std::int64_t parked = 0;

    bool operator==(const DestinationCounts&) const = default;
};
struct StoreCounts {
    std::vector<std::pair<CallState, std::int64_t>> calls;
    std::vector<std::pair<ParkReason, std::int64_t>> parked;  // Calls by reason.
    // Deliveries, of whatever destination has any that are not accepted.
    std::map<std::string, DestinationCounts, std::less<>> destinations;
    std::int64_t late_conflicts = 0;
    std::int64_t unknown_outcomes = 0;  // Attempts ever.

    std::int64_t deliveries_pending() const {
        std::int64_t sum = 0;
        for (const auto& [name, counted] : destinations) sum += counted.pending;
        return sum;
    }
};

class CallQueries {
public:
    // The identity that a CallSid or conversation id stands for, merges followed. not_found.
    virtual Result<std::string> resolve(std::string_view any_id) = 0;
    virtual Result<CallStory> find_story(std::string_view call_id) = 0;  // not_found
    virtual Result<CallPage> list_calls(const CallFilter& filter) = 0;   // invalid_input: cursor
    virtual Result<StoreCounts> counts() = 0;
    virtual Result<std::vector<DestinationRow>> destinations() = 0;  // Only those ever set.

protected:
    ~CallQueries() = default;
};

// Metadata that was handed to us.
class MetadataQueries {
public:
    // What was handed to us for each call (core/store/own_metadata.hpp), in the order of the keys;
    // an entry is empty (default) when nothing at all is known.
    virtual Result<std::vector<CallMetadata>> own_metadata(std::span<const MetadataKey> keys) = 0;
    // By name or id order; `after` is the last id (phone) of the page before.
    virtual Result<std::vector<Campaign>> list_campaigns(std::string_view after, int limit) = 0;
    virtual Result<std::vector<Contact>> list_contacts(std::string_view after, int limit) = 0;

protected:
    ~MetadataQueries() = default;
};

class DoNotCallQueries {
public:
    // The number in any spelling that normalize_phone_number() understands.
    virtual Result<bool> is_do_not_call(std::string_view phone) = 0;
    // By number; `after` is the last one of the page before.
    virtual Result<std::vector<DoNotCall>> list_do_not_call(std::string_view after, int limit) = 0;

protected:
    ~DoNotCallQueries() = default;
};

// All that is kept of the ledger, and what the cells must be by a recount of the calls.
struct LedgerAudit {
    LedgerRows kept;
    LedgerCells recounted;
};

class LedgerQueries {
public:
    // What is kept of the ledger of this span; of many corrections the newest. Costs what lies in
    // it, not what there is.
    virtual Result<LedgerRows> ledger(const TimeSpan& span) = 0;
    // Corrections of whatever day, in the order in which they were made, after that one.
    virtual Result<std::vector<LedgerCorrection>> corrections_after(std::int64_t number) = 0;
    virtual Result<LedgerAudit> audit_ledger() = 0;  // May take long.

protected:
    ~LedgerQueries() = default;
};

class StatsQueries {
public:
    // Quarters, minutes and hours that begin in the span.
    virtual Result<StatsRows> stats(const TimeSpan& span) = 0;

protected:
    ~StatsQueries() = default;
};

class ReplayQueries {
public:
    // What the order concerns of the deliveries (with is_earlier: of the calls) behind `after_id`
    // up to `last_id`, by id: at most `limit`, and only as far as replay_scan_max of them were
    // looked at. `reached` is `last_id` when that was all.
    virtual Result<ReplayWalk> walk_replay(const ReplayOrder& order, std::int64_t after_id,
                                           std::int64_t last_id, int limit) = 0;
    virtual Result<ReplayJob> find_replay(std::int64_t id) = 0;  // not_found
    // Newest first; only those in that state, when there is one.
    virtual Result<std::vector<ReplayJob>> list_replays(std::optional<ReplayState> state,
                                                        int limit) = 0;

protected:
    ~ReplayQueries() = default;
};

// Newest first.
struct ActionPage {
    std::vector<OperatorAction> actions;
    bool has_more = false;
};

class ActionQueries {
public:
    // Those with a smaller id than `before_id`, at most `limit`; 0: the newest.
    virtual Result<ActionPage> list_actions(std::int64_t before_id, int limit) = 0;

protected:
    ~ActionQueries() = default;
};

class FailureQueries {
public:
    // The largest groups of failures, at most `limit`. Costs what is told, not what there is.
    virtual Result<FailureList> list_failures(int limit) = 0;

protected:
    ~FailureQueries() = default;
};

class DeliveryQueries {
public:
    // Costs no more than delivery_scan_max of them. invalid_input: cursor.
    virtual Result<DeliveryPage> list_deliveries(const DeliveryFilter& filter) = 0;

protected:
    ~DeliveryQueries() = default;
};

class StoreQueries : public CallQueries,
                     public MetadataQueries,
                     public DoNotCallQueries,
                     public LedgerQueries,
                     public StatsQueries,
                     public ReplayQueries,
                     public ActionQueries,
                     public FailureQueries,
                     public DeliveryQueries {
protected:
    ~StoreQueries() = default;
};

}  // namespace wrapup
