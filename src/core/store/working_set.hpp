#pragma once

// The rows that a batch of operations works on. The rules (core/store/store_rules.hpp) ask for rows
// by key and change them here; a row that is not here yet is loaded by the store's adapter, once,
// and after the batch the adapter saves each row that differs from what is stored, once. So a store
// loads, saves, claims and lists, and nothing of what an operation means is written in it.
//
// A working set belongs to one batch in one transaction. It refers to the operations of its batch
// (events, bodies), which must outlive it, and so must the source of its rows.

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/store/own_metadata.hpp"
#include "domain/operations.hpp"
#include "domain/rate_limit.hpp"

namespace wrapup {

// So many events fit under one call.
constexpr std::int64_t events_per_call_max = std::int64_t{1} << 28;

struct Lease {
    std::int64_t fence = 0;
    std::optional<UtcTime> until;  // Absent: nobody holds it.

    bool is_held_by(std::int64_t holder) const { return until && fence == holder; }
    bool is_held_at(UtcTime now) const { return until && *until > now; }
};

// A call as the rules see it. What is large stays in the store: `call.record` is always empty here,
// `call.progress` and `call.metadata` hold what is stored only when they are known.
struct CallRow {
    std::int64_t no = 0;  // The store's number for it: the order of creation, from 1.
    Call call;
    Lease lease;
    bool is_touched = false;  // Metadata came while somebody held the claim.
    // Somebody said in the call not to be called again, and the number to be listed is not known.
    std::optional<UtcTime> unlisted_opt_out_at;
    bool is_progress_known = false;
    bool is_metadata_known = false;
    std::string_view fixed_record;  // The bytes, when this batch fixes them.

    bool has_record() const { return call.settled_at.has_value(); }
    bool is_known_by_conversation_only() const { return call.call_sid.empty(); }
    bool is_settling_on() const {
        return call.state == CallState::open || call.state == CallState::settling;
    }
    // Waits for a word that may still come.
    bool waits_for_word() const {
        return call.parked == ParkReason::silent || call.parked == ParkReason::unlinked;
    }
    bool has_place_for(std::int64_t more) const {
        return call.events_count + more < events_per_call_max;
    }
    bool can_come_back() const { return call.state == CallState::out_of_scope || waits_for_word(); }
    void set_state(CallState state, std::optional<ParkReason> parked = std::nullopt) {
        call.state = state;
        call.parked = parked;
    }
    void move_due_forward(UtcTime at) {
        if (!call.due_at || at < *call.due_at) call.due_at = at;
    }
    void set_progress(const SettleProgress& progress);
    void set_metadata(const CallMetadata& metadata);
};

// A delivery as the rules see it: without `delivery.body`, and without `delivery.webhook_id` but
// for a new one.
struct DeliveryRow {
    Delivery delivery;
    std::int64_t call_no = 0;
    Lease lease;
    std::optional<UtcTime> attempt_started_at;  // Since the last claim; cleared by its end.
    std::optional<UtcTime> unresolved_since;    // The same of an earlier claim.
    std::int64_t replay_id = 0;                 // The job that released it, until it ends.
    std::string_view new_body;                  // Of a new one: what it sends.
};

// What is left to do of a destination's last change: to park what is pending, or to give back what
// is parked and make due what waits.
struct Sweep {
    bool parks = false;
    UtcTime at{};
    std::int64_t last_id = 0;  // Younger deliveries are not concerned.

    bool operator==(const Sweep&) const = default;
};
struct KeptDestination {
    DestinationRow row;
    std::optional<Sweep> sweep;
    RateUse rate_use;

    bool operator==(const KeptDestination&) const = default;
};

struct EventPlace {
    std::int64_t call_no = 0;
    std::int64_t seq = 0;
};
struct EventKey {
    std::int64_t seq = 0;
    std::string dedup_key;
};
// An event that became its call's in this batch.
struct ArrivedEvent {
    std::int64_t seq = 0;
    bool is_late = false;
    const NewEvent* added = nullptr;  // Null: it was stored, and moves here from its old place.
    EventPlace moved_from;
    std::string moved_key;

    std::string_view dedup_key() const { return added != nullptr ? added->dedup_key : moved_key; }
};

// A row that is worked on. `stored` is what the store holds: absent when the row is new.
struct WorkingDelivery;
struct WorkingCall : CallRow {
    std::optional<CallRow> stored;
    std::vector<ArrivedEvent> arrived;
    std::optional<std::set<std::string>> stored_keys;  // Of its stored events, once loaded.
    std::vector<WorkingDelivery*> deliveries;          // In order; whole once the call has any.
};
struct WorkingDelivery : DeliveryRow {
    std::optional<DeliveryRow> stored;
    std::vector<Attempt> new_attempts;
    WorkingCall* call = nullptr;
};
struct WorkingDestination : KeptDestination {
    std::optional<KeptDestination> stored;
    bool is_set = false;  // Stored, or about to be.

    bool is_changed() const {
        return is_set && stored != static_cast<const KeptDestination&>(*this);
    }
};
// Whether a number is on the do-not-call list.
struct WorkingDoNotCall {
    std::optional<DoNotCall> entry;
    std::optional<DoNotCall> stored;

    bool is_changed() const { return entry != stored; }
};

struct WorkingReplay : ReplayJob {
    std::optional<ReplayJob> stored;

    bool is_changed() const { return stored != static_cast<const ReplayJob&>(*this); }
};

struct WorkingIntent {
    Intent intent;
    std::optional<Intent> stored;  // Absent: it is new.

    bool is_changed() const { return !stored || *stored != intent; }
};

struct WorkingDialList {
    DialList list;
    std::optional<DialList> stored;  // Absent: it is new.

    bool is_changed() const { return !stored || *stored != list; }
};
struct WorkingListRow {
    ListRow row;
    std::optional<ListRow> stored;  // Absent: it is new.

    bool is_changed() const { return !stored || *stored != row; }
};

// What a store's adapter loads, inside its transaction. A load that fails answers that nothing is
// there, and has_failed() is true from then on: nothing of the batch is saved.
class RowSource : public MetadataRows {
public:
    struct CallWithDeliveries {
        CallRow call;
        std::vector<DeliveryRow> deliveries;  // All of the call's, by id.
    };

    virtual bool has_failed() const = 0;
    // The rows contradict each other: fails as corrupt.
    virtual void report_damage(std::string_view what) = 0;
    // The number of this node (core/store/claim_rules.hpp).
    virtual std::int64_t holder() const { return 0; }

    virtual std::optional<CallRow> load_call(std::string_view id) = 0;
    // The call that the conversation is linked to, merged or not.
    virtual std::optional<CallRow> load_linked_call(std::string_view conversation_id) = 0;
    virtual SettleProgress load_progress(std::int64_t call_no) = 0;
    virtual std::optional<CallMetadata> load_metadata(std::int64_t call_no) = 0;
    virtual bool has_event(std::int64_t call_no, std::string_view dedup_key) = 0;
    virtual std::vector<EventKey> load_event_keys(std::int64_t call_no) = 0;  // By seq.
    virtual std::vector<StoredEvent> load_events(std::int64_t call_no) = 0;   // By seq.
    virtual std::optional<CallWithDeliveries> load_delivery(std::int64_t delivery_id) = 0;
    virtual std::optional<KeptDestination> load_destination(std::string_view name) = 0;
    // Ids of deliveries to it, `last_id` the greatest: those that are due some time, in the order
    // in which they wake, those of them that are pending and due after `after`, or those parked for
    // that reason, by id. At most `limit`.
    virtual std::vector<std::int64_t> list_pending(std::string_view destination,
                                                   std::int64_t last_id, std::int64_t limit) = 0;
    virtual std::vector<std::int64_t> list_waiting(std::string_view destination, UtcTime after,
                                                   std::int64_t last_id, std::int64_t limit) = 0;
    virtual std::vector<std::int64_t> list_parked(std::string_view destination, ParkReason reason,
                                                  std::int64_t last_id, std::int64_t limit) = 0;
    // Numbers that no row has, each handed out once.
    virtual std::int64_t next_call_no() = 0;
    virtual std::int64_t next_delivery_id() = 0;
    virtual std::int64_t last_delivery_id() = 0;  // 0: there is none.

    virtual std::optional<Intent> load_intent(std::string_view id) = 0;
    virtual std::optional<Intent> load_intent_of_key(std::string_view idempotency_key) = 0;
    // The one that holds the number.
    virtual std::optional<Intent> load_intent_to(std::string_view number) = 0;
    // How many intents to the number were asked for since then.
    virtual std::int64_t count_asked(std::string_view number, UtcTime since) = 0;
    virtual std::optional<DoNotCall> load_do_not_call(std::string_view phone) = 0;  // Normalized.

    virtual std::optional<DialList> load_dial_list(std::string_view id) = 0;
    virtual std::optional<ListRow> load_list_row(std::string_view list_id, std::string_view to) = 0;
    // The hash of the request that had the key.
    virtual std::optional<std::string> load_list_batch(std::string_view key) = 0;

    virtual std::optional<SealedDay> load_last_sealed() = 0;
    // From the first day that was closed to the end of the last one.
    virtual std::optional<TimeSpan> sealed_span() = 0;
    virtual LedgerCells load_ledger(const TimeSpan& span) = 0;
    virtual std::int64_t last_correction_number() = 0;  // 0: there is none.

    virtual std::optional<ReplayJob> load_replay(std::int64_t id) = 0;
    virtual std::optional<ReplayJob> load_replay_of(std::string_view token) = 0;
    virtual std::int64_t next_replay_id() = 0;
    // As StoreQueries::walk_replay.
    virtual ReplayWalk walk_replay(const ReplayOrder& order, std::int64_t after_id,
                                   std::int64_t last_id, std::int64_t limit) = 0;
};

class WorkingSet {
public:
    explicit WorkingSet(RowSource& source) : source_(source) {}
    WorkingSet(const WorkingSet&) = delete;
    WorkingSet& operator=(const WorkingSet&) = delete;

    bool has_failed() const { return source_.has_failed(); }
    std::int64_t holder() const { return source_.holder(); }

    // ---- For the rules. Rows stay where they are; null: there is none. ----

    WorkingCall* find_exactly(std::string_view id);
    // By identity; merges are followed.
    WorkingCall* find_by_identity(std::string_view id);
    // By identity, else by linked conversation; merges are followed.
    WorkingCall* find(std::string_view any_id);
    // The call that the row was merged into, or the row itself.
    WorkingCall& survivor_of(WorkingCall& row);
    // A new call: out of scope, not due, without events.
    WorkingCall& make_call(std::string_view id, UtcTime first_event_at);
    void link(std::string_view conversation_id, WorkingCall& row);
    void load_progress_and_metadata(WorkingCall& row);

    bool has_event(WorkingCall& row, std::string_view dedup_key);
    // Moves the events of `source` behind those of `target`, repeats aside; returns how many moved.
    std::int64_t move_events(WorkingCall& source, WorkingCall& target);
    // All of the call's, by seq. Nothing when some have come from another call in this batch.
    std::optional<std::vector<StoredEvent>> events_of(const WorkingCall& row);

    WorkingDelivery* find_delivery(std::int64_t id);
    WorkingDelivery& make_delivery(WorkingCall& call, const NewDelivery& made);
    WorkingDestination& destination(std::string_view name);
    DestinationState destination_state(std::string_view name) {
        return destination(name).row.state;
    }
    std::int64_t last_delivery_id() { return source_.last_delivery_id(); }
    // The first deliveries that the sweep concerns, as they are now; at most `limit`.
    std::vector<WorkingDelivery*> to_sweep(std::string_view destination, const Sweep& sweep,
                                           std::int64_t limit);
    // Null: there is none. The same row for the same job.
    WorkingReplay* find_replay(std::int64_t id);
    WorkingReplay* find_replay_of(std::string_view token);
    WorkingReplay& make_replay(const StartReplay& op);
    ReplayWalk walk_replay(const ReplayOrder& order, std::int64_t after_id, std::int64_t last_id,
                           std::int64_t limit) {
        return source_.walk_replay(order, after_id, last_id, limit);
    }
    void probe() { is_probed_ = true; }

    // Whether the number is on the do-not-call list, this batch included.
    bool is_do_not_call(std::string_view phone);
    // Unless it is there.
    void put(DoNotCall entry);
    // False when it is not there.
    bool drop_do_not_call(std::string_view phone);

    std::optional<SealedDay> last_sealed();
    LedgerCells stored_ledger(const TimeSpan& span) { return source_.load_ledger(span); }
    void put(const TwilioDay& day) { twilio_days_.push_back(&day); }
    void put(const SealedDay& day) { sealed_days_.push_back(&day); }

    // What was handed to us so far, this batch included (core/store/own_metadata.hpp).
    CallMetadata own_metadata(const MetadataKey& key);
    // The same under that id alone.
    std::optional<CallMetadata> handed_over(std::string_view call_id);
    // Keeps an answer that was made on the way as long as the operations of the batch.
    const SettleCall& keep(SettleCall answer) { return kept_.emplace_back(std::move(answer)); }

    WorkingIntent* find_intent(std::string_view id);
    WorkingIntent* find_intent_of_key(std::string_view idempotency_key);
    WorkingIntent* find_intent_to(std::string_view number);
    std::int64_t count_asked(std::string_view number, UtcTime since);
    WorkingIntent& make_intent(Intent intent);
    const PutMetadata& keep(PutMetadata made) {
        return kept_metadata_.emplace_back(std::move(made));
    }
    const AppendEvent& keep(AppendEvent made) { return kept_events_.emplace_back(std::move(made)); }

    std::optional<Campaign> find_campaign(std::string_view id) { return source_.load_campaign(id); }
    WorkingDialList* find_dial_list(std::string_view id);
    WorkingDialList& make_dial_list(DialList list);
    WorkingListRow* find_list_row(const std::string& list_id, const std::string& to);
    WorkingListRow& make_list_row(ListRow row);
    std::optional<std::string> list_batch(std::string_view key);
    void put_list_batch(std::string key, std::string hash) {
        list_batches_.insert_or_assign(std::move(key), std::move(hash));
    }

    void put(const PutMetadata& op) { handed_over_.push_back(&op); }
    void put(const PutCampaign& op) { campaigns_.push_back(&op.campaign); }
    void put(const NoteReconciliation& op) { reconciliations_.push_back(&op); }
    void put(const NoteAction& op) { actions_.push_back(&op.action); }
    void put(Contact contact) { contacts_.push_back(std::move(contact)); }

    // ---- For the adapter: what to save. New rows come in the order of their numbers. ----

    const std::deque<WorkingCall>& calls() const { return calls_; }
    // The clock was set while the operations of the batch were on their way: what they schedule
    // keeps its wait.
    void shift_scheduled(milliseconds by);
    const std::vector<std::pair<std::string, std::int64_t>>& new_links() const { return links_; }
    // To be deleted before events move.
    const std::vector<EventPlace>& dropped_events() const { return dropped_events_; }
    const std::deque<WorkingDelivery>& deliveries() const { return deliveries_; }
    std::deque<WorkingDelivery>& deliveries() { return deliveries_; }
    const auto& destinations() const { return destinations_; }
    const std::map<std::int64_t, WorkingReplay>& replays() const { return replays_; }
    // Later ones replace earlier ones.
    const std::vector<const PutMetadata*>& handed_over() const { return handed_over_; }
    const std::vector<const Campaign*>& campaigns() const { return campaigns_; }
    const std::vector<Contact>& contacts() const { return contacts_; }
    // By number.
    const auto& do_not_call() const { return do_not_call_; }
    // Of one span later ones replace earlier ones.
    const std::vector<const TwilioDay*>& twilio_days() const { return twilio_days_; }
    const std::vector<const SealedDay*>& sealed_days() const { return sealed_days_; }
    // With what is sealed in this batch.
    std::optional<TimeSpan> sealed_span() const;
    std::int64_t last_correction_number() const { return source_.last_correction_number(); }
    const std::vector<const NoteReconciliation*>& reconciliations() const {
        return reconciliations_;
    }
    // In the order in which they came.
    const std::vector<const OperatorAction*>& actions() const { return actions_; }
    const std::deque<WorkingIntent>& intents() const { return intents_; }
    const std::map<std::string, WorkingDialList, std::less<>>& dial_lists() const {
        return dial_lists_;
    }
    // In the order in which they were asked for.
    const std::deque<WorkingListRow>& list_rows() const { return list_rows_; }
    // New ones: hashes by key.
    const std::map<std::string, std::string, std::less<>>& list_batches() const {
        return list_batches_;
    }
    // Something is to be written, whatever it is.
    bool is_probed() const { return is_probed_; }

private:
    template <class Value>
    using ByText = std::map<std::string, Value, std::less<>>;

    class RowsOfBatch;  // Metadata, what this batch puts included.
    WorkingCall& take(CallRow row);
    const std::set<std::string>& keys_of(WorkingCall& row);
    WorkingIntent* take(std::optional<Intent> loaded);
    WorkingDoNotCall& do_not_call_at(std::string_view phone);

    RowSource& source_;
    std::deque<WorkingCall> calls_;
    ByText<WorkingCall*> by_id_;  // Null: known not to be there.
    ByText<WorkingCall*> by_conversation_;
    std::vector<std::pair<std::string, std::int64_t>> links_;
    std::vector<EventPlace> dropped_events_;
    std::deque<WorkingDelivery> deliveries_;
    std::map<std::int64_t, WorkingDelivery*> by_delivery_id_;
    ByText<WorkingDestination> destinations_;
    std::map<std::int64_t, WorkingReplay> replays_;
    std::vector<const PutMetadata*> handed_over_;
    std::vector<const Campaign*> campaigns_;
    std::vector<Contact> contacts_;
    ByText<WorkingDoNotCall> do_not_call_;
    std::vector<const TwilioDay*> twilio_days_;
    std::vector<const SealedDay*> sealed_days_;
    std::deque<SettleCall> kept_;
    std::deque<PutMetadata> kept_metadata_;
    std::deque<AppendEvent> kept_events_;
    std::deque<WorkingIntent> intents_;
    ByText<WorkingDialList> dial_lists_;
    std::deque<WorkingListRow> list_rows_;
    std::map<std::pair<std::string, std::string>, WorkingListRow*> by_list_and_number_;
    ByText<std::string> list_batches_;
    std::vector<const NoteReconciliation*> reconciliations_;
    std::vector<const OperatorAction*> actions_;
    bool is_probed_ = false;
};

}  // namespace wrapup
