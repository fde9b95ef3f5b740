#pragma once

// The operations of a commit, each as the few statements it takes. They run inside a transaction
// that the caller opens, ends, or rolls back when the connection has failed; an operation's own
// error is found before it writes anything.

#include "adapters/sqlite/rows.hpp"

namespace wrapup::sqlite {

class Operations {
public:
    Operations(Connection& connection, UtcTime now) : connection_(connection), now_(now) {}

    StoreOutcome apply(const AppendEvent& op);
    StoreOutcome apply(const SettleCall& op);
    StoreOutcome apply(const FinishAttempt& op);
    StoreOutcome apply(const ReleaseCall& op);
    StoreOutcome apply(const PutMetadata& op);
    StoreOutcome apply(const PutCampaign& op);
    StoreOutcome apply(const PutContact& op);
    StoreOutcome apply(const SetDestination& op);
    StoreOutcome apply(const SweepDestination& op);
    StoreOutcome apply(const Unpark& op);
    StoreOutcome apply(const Probe& op);

private:
    // Calls. What changes a head changes its row with it.
    std::optional<CallHead> find_exactly(std::string_view id);
    std::optional<CallHead> find_by_conversation(std::string_view conversation_id);
    std::optional<CallHead> find(std::string_view any_id);
    CallHead follow(CallHead head);
    std::optional<CallHead> find_by_sid(std::string_view call_sid);
    CallHead survivor_of(const CallHead& head);
    static CallHead head_of(const NewEvent& event);
    void insert_call(CallHead& head);
    bool insert_event(const CallHead& head, const NewEvent& event, std::int64_t seq);
    bool has_event(const CallHead& head, const NewEvent& event);
    static bool has_place(const CallHead& head, std::int64_t more) {
        return head.events_count + more < events_per_call_max;
    }
    static Error no_place() {
        return {Errc::unavailable, "the call has as many events as a call can have"};
    }
    Appended append_first(const NewEvent& event);
    bool add_event(CallHead& head, const NewEvent& event);
    void save_count(const CallHead& head);
    void set_due(CallHead& head, std::optional<UtcTime> due_at);
    void move_due_forward(CallHead& head, UtcTime at);
    void set_state(CallHead& head, CallState state, std::optional<ParkReason> parked);
    void set_to(CallHead& head, const std::string& to);

    // Merging.
    void join(const CallHead& of_sid, const CallHead& of_conversation);
    void merge_into(const CallHead& target, const CallHead& source);
    std::int64_t move_events(std::int64_t target_no, std::int64_t source_no, bool is_late,
                             std::int64_t events_count);
    void link(const std::string& conversation_id, CallHead& head);
    bool join_by_ids(CallHead& head, const std::string& call_sid,
                     const std::string& conversation_id);
    bool join_what_was_found(CallHead& head, const SettleCall& op);
    Call read_whole(std::int64_t no);
    void write_survivor(std::int64_t no, const Call& call);

    // Settling.
    struct Findings;
    std::optional<Error> refuse(const std::optional<CallHead>& head, const SettleCall& op) const;
    void save_findings(CallHead& head, const SettleCall& op);
    Settled fix(CallHead& head, const SettleCall& op, const SettleCall::Fix& fix);
    void carry_out(CallHead& head, const SettleCall& op, bool has_unseen);

    // Deliveries.
    std::optional<DeliveryRow> find_delivery(std::int64_t id);
    void save_end(const DeliveryRow& row);
    void add_attempt(DeliveryRow& row, const Attempt& attempt);
    void make_pending(Delivery& delivery, UtcTime due_at);
    static void make_pending(Delivery& delivery, UtcTime due_at, DestinationState destination);
    std::vector<std::int64_t> find_to_park(const SweepDestination& op, std::int64_t last_id);
    std::vector<std::int64_t> find_to_resume(const SweepDestination& op, std::int64_t last_id);
    void keep_state_in_step(std::int64_t call_no);

    Connection& connection_;
    UtcTime now_;
};

// Claims a call: the fence moves on.
ClaimedCall claim_call_row(Connection& connection, std::int64_t no, UtcTime lease_until);
// The fence moves on, an attempt begins; the caller writes the row.
void begin_claim(DeliveryRow& row, UtcTime now, UtcTime lease_until);
// Claims a delivery that the caller found free.
ClaimedDelivery claim_row(Connection& connection, DeliveryRow row, UtcTime now,
                          UtcTime lease_until);

}  // namespace wrapup::sqlite
