#pragma once

// The Store in plain containers: what the simulator runs on, and what test/store holds the other
// adapters against. Its operations are the rules of core/store/store_rules.hpp, as everywhere; it
// loads, saves, claims and lists, written to be believed by reading, not to be fast. Progress and
// metadata pass through the codec that other stores keep them with.

#include <deque>
#include <functional>
#include <map>
#include <mutex>

#include "core/store/working_set.hpp"
#include "ports/store.hpp"

namespace wrapup {

class MemoryStore : public EmbeddedStore {
public:
    Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) override;
    Result<std::vector<ClaimedCall>> claim_calls(UtcTime now, milliseconds lease,
                                                 int limit) override;
    Result<ClaimedCall> claim_call(std::string_view call_id, UtcTime now,
                                   milliseconds lease) override;
    Result<ClaimedDeliveries> claim_deliveries(std::string_view destination, UtcTime now,
                                               milliseconds lease, int limit,
                                               const std::optional<RateLimit>& rate) override;
    Result<ClaimedDelivery> claim_delivery(std::int64_t delivery_id, UtcTime now,
                                           milliseconds lease) override;
    Result<void> void_leases(UtcTime now) override;
    // Of several nodes: who claims from now on, and whose leases alone end when it starts anew.
    void act_for(std::int64_t holder);
    void void_leases_of(std::int64_t holder, UtcTime now);
    Result<void> shift_times(milliseconds by, UtcTime now) override;
    Result<std::optional<UtcTime>> last_written_at() override { return written_at_; }

    Result<std::optional<UtcTime>> next_call_due() override;
    Result<std::optional<UtcTime>> next_delivery_due(std::string_view destination) override;
    Result<std::string> resolve(std::string_view any_id) override;
    Result<CallStory> find_story(std::string_view call_id) override;
    Result<CallPage> list_calls(const CallFilter& filter) override;
    Result<StoreCounts> counts() override;
    Result<std::vector<DestinationRow>> destinations() override;
    Result<std::vector<CallMetadata>> own_metadata(std::span<const MetadataKey> keys) override;
    Result<std::vector<Campaign>> list_campaigns(std::string_view after, int limit) override;
    Result<std::vector<Contact>> list_contacts(std::string_view after, int limit) override;
    Result<bool> is_do_not_call(std::string_view phone) override;
    Result<std::vector<DoNotCall>> list_do_not_call(std::string_view after, int limit) override;
    Result<LedgerRows> ledger(const TimeSpan& span) override;
    Result<std::vector<LedgerCorrection>> corrections_after(std::int64_t number) override;
    Result<LedgerAudit> audit_ledger() override;
    Result<StatsRows> stats(const TimeSpan& span) override;
    Result<ReplayWalk> walk_replay(const ReplayOrder& order, std::int64_t after_id,
                                   std::int64_t last_id, int limit) override;
    Result<ReplayJob> find_replay(std::int64_t id) override;
    Result<std::vector<ReplayJob>> list_replays(std::optional<ReplayState> state,
                                                int limit) override;
    Result<ActionPage> list_actions(std::int64_t before_id, int limit) override;
    Result<FailureList> list_failures(int limit) override;
    Result<DeliveryPage> list_deliveries(const DeliveryFilter& filter) override;
    Result<std::vector<KeptValue>> kept_values(std::string_view prefix) override;
    Result<std::vector<TwilioSlot>> twilio_slots(UtcTime from, UtcTime until) override;
    Result<std::vector<TwilioDifference>> twilio_differences(UtcTime from, UtcTime until) override;
    Result<std::vector<CallStanding>> call_standings(
        std::span<const std::string> call_sids) override;
    Result<Intent> find_intent(std::string_view id) override;
    Result<std::optional<Intent>> find_intent_of_call(std::string_view call_sid) override;
    Result<std::vector<Intent>> due_intents(UtcTime now, int limit) override;
    Result<std::optional<UtcTime>> next_intent_due() override;
    Result<std::int64_t> count_intents_under_way() override;
    Result<IntentPage> list_intents(const IntentFilter& filter) override;
    Result<DialList> find_dial_list(std::string_view id) override;
    Result<std::vector<DialList>> list_dial_lists(const DialListFilter& filter) override;
    Result<std::vector<DueListRows>> due_list_rows(UtcTime now, int limit) override;
    Result<std::optional<UtcTime>> next_list_row_due() override;
    Result<ListRowPage> list_rows(const ListRowFilter& filter) override;
    Result<std::vector<std::string>> check_integrity() override;

    // What the simulator asks whenever time passes, without copies of calls: whether it holds of
    // each call, merged ones too; and the state of one, or of the call it is merged into.
    bool holds_of_all(const std::function<bool(const Call&)>& condition);
    std::optional<CallState> find_state(std::string_view any_id);

    // What the clock concerns: until when something waits, or since when it is waited for.
    struct Wait {
        enum class Kind {
            call,
            call_lease,
            delivery,
            delivery_lease,
            event,
            plan,      // Of a call that is to be placed.
            question,  // To place it, or about it.
            row,       // Of a list.
            breaker,
        };
        auto operator<=>(const Wait&) const = default;

        Kind kind;
        std::string of;
    };
    std::map<Wait, UtcTime> waits();

private:
    class Rows;  // What the rules load.
    template <class Value>
    using ByText = std::map<std::string, Value, std::less<>>;

    struct KeptEvent {
        StoredEvent event;
        std::string dedup_key;
    };
    struct KeptDelivery {
        DeliveryRow row;
        std::vector<Attempt> attempts;
    };

    CallRow* find_exactly(std::string_view id);
    CallRow* find(std::string_view any_id);
    CallRow& call_at(std::int64_t no) { return calls_[static_cast<std::size_t>(no - 1)]; }
    KeptDelivery* find_delivery(std::int64_t id);
    bool is_active(std::string_view destination) const;
    std::vector<StoredEvent> events_of(std::int64_t call_no) const;
    void save(const WorkingSet& rows, UtcTime now);
    void save_ledger(const WorkingSet& rows, UtcTime now);
    void save_stats(const WorkingSet& rows);
    void save_failures(const WorkingSet& rows);
    void check_failures(std::vector<std::string>& findings) const;
    LedgerCells recount_ledger() const;
    LedgerRows read_ledger(const TimeSpan& span);
    std::vector<TwilioDifference> read_differences(const TimeSpan& span);
    void save_call(const WorkingCall& row);
    void save_events(const WorkingCall& row);
    void save_delivery(const WorkingDelivery& row);
    void save_intent(const WorkingIntent& row);
    void save_lists(const WorkingSet& rows);
    void save_reconciliation(const NoteReconciliation& noted);
    ReplayWalk walk(const ReplayOrder& order, std::int64_t after_id, std::int64_t last_id,
                    std::int64_t limit);
    ReplayWalk walk_calls(const ReplayOrder& order, std::int64_t after_id, std::int64_t last_id,
                          std::int64_t limit);
    ClaimedCall claim(CallRow& row, UtcTime now, milliseconds lease);
    static bool matches(const CallRow& row, const CallFilter& filter);

    std::mutex mutex_;
    std::optional<UtcTime> written_at_;
    std::int64_t holder_ = 0;
    std::deque<CallRow> calls_;  // Call n is at n - 1; each whole: with record, progress, metadata.
    ByText<std::int64_t> numbers_by_id_;
    ByText<std::int64_t> links_;
    std::map<std::pair<std::int64_t, std::int64_t>, KeptEvent> events_;  // By call and seq.
    std::deque<KeptDelivery> deliveries_;                                // Delivery n is at n - 1.
    ByText<KeptDestination> destinations_;
    ByText<CallMetadata> metadata_;
    ByText<Campaign> campaigns_;
    ByText<Contact> contacts_;
    ByText<DoNotCall> do_not_call_;
    LedgerCells ledger_;
    OutcomeCells outcomes_;
    DelayCells delays_;
    std::map<std::string, FailureGroup> failures_;  // By fingerprint.
    std::map<UtcTime, TwilioDay> twilio_days_;      // By their start.
    std::vector<SealedDay> sealed_days_;
    std::vector<LedgerCorrection> corrections_;
    ByText<std::string> kept_values_;
    std::map<UtcTime, TwilioSlot> twilio_slots_;
    ByText<TwilioDifference> twilio_differences_;
    std::map<std::int64_t, ReplayJob> replays_;
    std::deque<OperatorAction> actions_;  // By id; the newest ones.
    std::deque<Intent> intents_;          // In the order in which they were made.
    ByText<DialList> dial_lists_;
    std::deque<ListRow> list_rows_;  // In the order in which they were made.
    std::map<std::pair<std::string, std::string>, std::size_t> list_row_places_;
    ByText<std::string> list_batches_;
};

}  // namespace wrapup
