#pragma once

// The Store in plain containers: the reference that test/store holds every other store against, and
// what the simulator runs on. It is written to be believed by reading, not to be fast. Progress and
// metadata cross the codec of the other stores, so that the simulator finds what that loses.

#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "ports/store.hpp"

namespace wrapup {

class MemoryStore : public Store {
public:
    Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) override;
    Result<std::vector<ClaimedCall>> claim_calls(UtcTime now, UtcTime lease_until,
                                                 int limit) override;
    Result<ClaimedCall> claim_call(std::string_view call_id, UtcTime now,
                                   UtcTime lease_until) override;
    Result<std::vector<ClaimedDelivery>> claim_deliveries(std::string_view destination, UtcTime now,
                                                          UtcTime lease_until, int limit) override;
    Result<ClaimedDelivery> claim_delivery(std::int64_t delivery_id, UtcTime now,
                                           UtcTime lease_until) override;
    Result<void> void_leases(UtcTime now) override;
    Result<void> shift_times(milliseconds by, UtcTime now) override;

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
    Result<std::vector<std::string>> check_integrity() override;

private:
    struct Lease {
        std::int64_t fence = 0;
        std::optional<UtcTime> until;  // Absent: nobody holds it.

        bool is_held_at(UtcTime now) const { return until && *until > now; }
        bool is_held_by(std::int64_t holder) const { return until && fence == holder; }
    };
    struct DeliveryRow {
        Delivery delivery;
        Lease lease;
        std::optional<UtcTime> attempt_started_at;  // Since the last claim; cleared by its end.
        std::optional<UtcTime> unresolved_since;    // The same of an earlier claim.
        std::vector<Attempt> attempts;

        std::optional<UtcTime> wakes_at() const;
    };
    struct CallRow {
        std::int64_t number = 0;  // Order of creation.
        Call call;
        Lease lease;
        bool is_touched = false;  // Metadata came while somebody held the claim.
        std::vector<StoredEvent> events;
        std::vector<std::string> dedup_keys;  // One per event.
        std::vector<std::int64_t> deliveries;

        bool has_record() const { return !call.record.empty(); }
        bool is_known_by_conversation_only() const { return call.call_sid.empty(); }
        std::optional<UtcTime> wakes_at() const;
        void move_due_forward(UtcTime at);
    };

    StoreOutcome apply(const AppendEvent& op, UtcTime now);
    StoreOutcome apply(const SettleCall& op, UtcTime now);
    StoreOutcome apply(const FinishAttempt& op, UtcTime now);
    StoreOutcome apply(const ReleaseCall& op, UtcTime now);
    StoreOutcome apply(const PutMetadata& op, UtcTime now);
    StoreOutcome apply(const PutCampaign& op, UtcTime now);
    StoreOutcome apply(const PutContact& op, UtcTime now);
    StoreOutcome apply(const SetDestination& op, UtcTime now);
    StoreOutcome apply(const SweepDestination& op, UtcTime now);
    StoreOutcome apply(const Unpark& op, UtcTime now);
    StoreOutcome apply(const Probe& op, UtcTime now);

    CallRow* find_exactly(std::string_view id);
    CallRow* find(std::string_view any_id);
    CallRow& make_call(const std::string& id, UtcTime at);
    bool add_event(CallRow& row, const NewEvent& event);
    CallRow& join(CallRow& of_sid, CallRow& of_conversation, UtcTime now);
    void merge_into(CallRow& target, CallRow& source, UtcTime now);
    bool join_by_ids(CallRow& row, const std::string& call_sid, const std::string& conversation_id,
                     UtcTime now);
    bool join_what_was_found(CallRow& row, const SettleCall& op, UtcTime now);
    std::optional<Error> refuse(const CallRow* row, const SettleCall& op) const;
    Settled fix(CallRow& row, const SettleCall::Fix& fix, UtcTime now);
    DeliveryRow& make_delivery(CallRow& row, const SettleCall::Fix& fix, const std::string& name,
                               UtcTime now);
    std::vector<DeliveryRow*> find_to_sweep(std::string_view destination);
    void keep_state_in_step(CallRow& row);
    void make_pending(DeliveryRow& row, UtcTime due_at);
    void park(DeliveryRow& row, ParkReason reason);
    DestinationState destination_state(std::string_view name) const;
    static ClaimedCall claim(CallRow& row, UtcTime lease_until);
    static ClaimedDelivery claim(DeliveryRow& row, UtcTime now, UtcTime lease_until);
    static bool matches(const CallRow& row, const CallFilter& filter);

    std::mutex mutex_;
    std::deque<CallRow> calls_;  // In order of creation; never shrinks, so references stay valid.
    std::map<std::string, CallRow*, std::less<>> by_id_;
    std::map<std::string, CallRow*, std::less<>> by_conversation_;
    std::deque<DeliveryRow> deliveries_;  // Delivery n is at n - 1.
    std::map<std::string, DestinationRow, std::less<>> destinations_;
    // What is left to do of a destination's last change.
    struct Sweep {
        bool parks = false;  // Else gives back.
        UtcTime at{};
        std::int64_t last_id = 0;  // Younger deliveries are not concerned.
    };
    std::map<std::string, Sweep, std::less<>> sweeps_;  // By destination.
    std::map<std::string, CallMetadata, std::less<>> metadata_;
    std::map<std::string, Campaign, std::less<>> campaigns_;
    std::map<std::string, Contact, std::less<>> contacts_;
};

}  // namespace wrapup
