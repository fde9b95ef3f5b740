#include "core/store/delivery_rules.hpp"

#include "core/store/claim_rules.hpp"
#include "core/store/failures.hpp"
#include "core/store/store_rules.hpp"
#include "domain/liveliness.hpp"
#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

// A sample waits for no person: whoever sent it is told, and sends another.
void park(Delivery& delivery, ParkReason reason) {
    delivery.state = DeliveryState::parked;
    delivery.parked = is_sample_call(delivery.call_id) ? ParkReason::given_up : reason;
    delivery.due_at.reset();
}

ParkReason reason_of(DestinationState lost) {
    return lost == DestinationState::disabled ? ParkReason::disabled : ParkReason::destination_gone;
}

void accept(Delivery& delivery, UtcTime now) {
    delivery.state = DeliveryState::accepted;
    delivery.accepted_at = now;
    delivery.parked.reset();
    delivery.due_at.reset();
}

void add_attempt(WorkingDelivery& row, const Attempt& attempt) {
    row.delivery.attempts_count += 1;
    if (attempt.outcome == AttemptOutcome::unknown) row.delivery.unknown_count += 1;
    row.new_attempts.push_back(attempt);
    row.new_attempts.back().number = row.delivery.attempts_count;
}

// An attempt of a process that ended, where nobody is left to claim it for that.
void add_interrupted(WorkingDelivery& row, UtcTime now) {
    const auto began_at = row.unresolved_since ? row.unresolved_since : row.attempt_started_at;
    if (!began_at || row.lease.is_held_at(now)) return;
    Attempt attempt;
    attempt.started_at = *began_at;
    attempt.outcome = AttemptOutcome::unknown;
    attempt.error = "interrupted: nobody knows whether the CRM has it";
    attempt.is_again = row.delivery.state == DeliveryState::accepted;
    add_attempt(row, attempt);
    name_failure(row.delivery, &row.new_attempts.back());
    row.attempt_started_at.reset();
    row.unresolved_since.reset();
}

// A job asked for it once more.
void try_again(WorkingDelivery& row, const FinishAttempt::RetryAt& retry) {
    if (retry.uses_schedule) row.delivery.retries_used += 1;
    row.delivery.due_at = retry.due_at;
}

}  // namespace

bool is_lost(DestinationState destination) {
    return destination != DestinationState::active && destination != DestinationState::paused;
}

void make_pending(Delivery& delivery, UtcTime due_at, DestinationState destination) {
    if (is_lost(destination)) return park(delivery, reason_of(destination));
    delivery.state = DeliveryState::pending;
    delivery.parked.reset();
    delivery.due_at = due_at;
}

WorkingDelivery& make_delivery(WorkingSet& rows, WorkingCall& call, const NewDelivery& made,
                               UtcTime now) {
    WorkingDelivery& row = rows.make_delivery(call, made);
    const DestinationRow& destination = rows.destination(made.destination).row;
    if (made.parked) {
        park(row.delivery, *made.parked);
    } else {
        make_pending(row.delivery, now, destination.state);
    }
    if (made.lease && row.delivery.state == DeliveryState::pending &&
        destination.state == DestinationState::active &&
        destination.breaker.state == BreakerState::closed) {
        begin_claim(row, now, *made.lease, rows.holder());
    }
    return row;
}

ClaimedDelivery claim_of(const WorkingDelivery& row) {
    ClaimedDelivery claimed{row.delivery, row.lease.fence, row.unresolved_since};
    claimed.delivery.body = row.new_body;
    return claimed;
}

// A call has one reason: that of its first destination, but none that somebody wanted so while
// another waits for a person.
void keep_state_in_step(WorkingCall& call) {
    if (call.deliveries.empty()) return;
    std::optional<ParkReason> reason;
    bool is_pending = false;
    bool is_accepted = false;
    for (const WorkingDelivery* row : call.deliveries) {
        const Delivery& delivery = row->delivery;
        if (delivery.state == DeliveryState::parked && delivery.is_owed()) {
            if (!reason || !waits_for_person(*reason)) reason = delivery.parked;
        }
        is_pending = is_pending || delivery.state == DeliveryState::pending;
        is_accepted = is_accepted || delivery.state == DeliveryState::accepted;
    }
    if (reason) return call.set_state(CallState::parked, reason);
    if (is_pending) return call.set_state(CallState::delivering);
    if (is_accepted) return call.set_state(CallState::delivered);
    call.set_state(CallState::parked, ParkReason::given_up);
}

void move_to(WorkingDelivery& row, const std::string& destination) {
    for (Attempt& attempt : row.new_attempts) {
        if (attempt.destination.empty()) attempt.destination = row.delivery.destination;
    }
    row.delivery.destination = destination;
    row.delivery.fingerprint.clear();
}

void give_up(WorkingDelivery& row) {
    park(row.delivery, ParkReason::given_up);
    name_failure(row.delivery, nullptr);
    keep_state_in_step(*row.call);
}

StoreOutcome apply(WorkingSet& rows, const FinishAttempt& op, UtcTime now) {
    WorkingDelivery* const row = rows.find_delivery(op.delivery_id);
    if (row == nullptr) return Error{Errc::not_found, "no such delivery"};
    if (!row->lease.is_held_by(op.fence)) return Error{Errc::conflict, "the claim was lost"};
    row->attempt_started_at.reset();
    if (std::holds_alternative<FinishAttempt::Release>(op.then)) {
        void_lease(*row, now);
        return Done{};
    }
    Delivery& delivery = row->delivery;
    row->lease.until.reset();
    // Without an attempt it is put back, and what is unresolved stays so.
    if (op.attempt) {
        row->unresolved_since.reset();
        add_attempt(*row, *op.attempt);
    }
    // What the CRM has once accepted stays accepted, whatever became of sending it again.
    if (delivery.state == DeliveryState::accepted) {
        if (!op.attempt && (row->replay_id != 0 || row->unresolved_since)) return Done{};
        delivery.due_at.reset();
        const auto* again = std::get_if<FinishAttempt::RetryAt>(&op.then);
        const bool is_wanted = again != nullptr && row->replay_id != 0;
        if (is_wanted && !is_lost(rows.destination_state(delivery.destination))) {
            try_again(*row, *again);
        }
        return Done{};
    }
    if (std::holds_alternative<FinishAttempt::Accept>(op.then)) {
        accept(delivery, now);
    } else if (const auto* retry = std::get_if<FinishAttempt::RetryAt>(&op.then)) {
        if (retry->uses_schedule) delivery.retries_used += 1;
        make_pending(delivery, retry->due_at, rows.destination_state(delivery.destination));
    } else if (const auto* parked = std::get_if<FinishAttempt::Park>(&op.then)) {
        park(delivery, parked->reason);
    }
    name_failure(delivery, op.attempt ? &*op.attempt : nullptr);
    keep_state_in_step(*row->call);
    return Done{};
}

StoreOutcome apply(WorkingSet& rows, const SetDestination& op, UtcTime now) {
    WorkingDestination& destination = rows.destination(op.name);
    DestinationRow& row = destination.row;
    if (!destination.is_set || row.state != op.state) row.since = op.at;
    destination.is_set = true;
    row.state = op.state;
    if (op.state != DestinationState::paused) {
        destination.sweep = Sweep{is_lost(op.state), op.at, rows.last_delivery_id()};
    }
    // Whoever resumes it has mended it.
    BreakerRow& breaker = row.breaker;
    const bool is_probed =
        op.state == DestinationState::active && breaker.state == BreakerState::open;
    if (is_probed) {
        breaker.retry_at = std::min(breaker.retry_at.value_or(op.at), op.at);
        breaker.failed_probes_count = 0;
    }
    StoreOutcome outcome = apply(rows, SweepDestination{op.name, op.slice}, now);
    std::get<Swept>(*outcome).is_probed = is_probed;
    return outcome;
}

StoreOutcome apply(WorkingSet& rows, const SweepDestination& op, UtcTime now) {
    WorkingDestination& destination = rows.destination(op.name);
    if (!destination.sweep) return Swept{};
    const Sweep sweep = *destination.sweep;
    const auto deliveries = rows.to_sweep(op.name, sweep, op.slice);
    for (WorkingDelivery* row : deliveries) {
        const bool is_parked = row->delivery.state == DeliveryState::parked;
        if (row->delivery.state == DeliveryState::accepted || (sweep.parks && is_parked)) {
            row->delivery.due_at.reset();  // It was to be sent again, or was being sent by hand.
            add_interrupted(*row, now);
        } else if (sweep.parks) {
            park(row->delivery, reason_of(destination.row.state));
        } else {
            make_pending(row->delivery, sweep.at, destination.row.state);
        }
        keep_state_in_step(*row->call);
    }
    const bool has_more = std::ssize(deliveries) == op.slice;
    if (!has_more) destination.sweep.reset();
    return Swept{has_more};
}

StoreOutcome apply(WorkingSet& rows, const PutBreaker& op, UtcTime now) {
    WorkingDestination& destination = rows.destination(op.destination);
    const BreakerRow& kept = destination.row.breaker;
    // Each opening and each probe has a time of its own for the next one.
    const bool is_as_seen = kept.state == op.seen.state && (kept.state == BreakerState::closed ||
                                                            kept.retry_at == op.seen.retry_at);
    if (!is_as_seen) return Error{Errc::conflict, "another node has changed the breaker"};
    if (!destination.is_set) destination.row.since = now;
    destination.is_set = true;
    destination.row.breaker = op.breaker;
    return Done{};
}

StoreOutcome apply(WorkingSet& rows, const Unpark& op, UtcTime) {
    WorkingDelivery* const row = rows.find_delivery(op.delivery_id);
    if (row == nullptr) return Error{Errc::not_found, "no such delivery"};
    Delivery& delivery = row->delivery;
    if (delivery.state != DeliveryState::parked || delivery.parked == ParkReason::forgotten) {
        return Error{Errc::conflict, "the delivery is not parked"};
    }
    const DestinationState destination = rows.destination_state(delivery.destination);
    if (is_lost(destination)) {
        return Error{Errc::conflict, "the destination is " + std::string(to_string(destination))};
    }
    delivery.retries_used = 0;
    make_pending(delivery, op.at, destination);
    keep_state_in_step(*row->call);
    return Done{};
}

}  // namespace wrapup
