// Deliveries and destinations of the memory store.

#include <algorithm>

#include "sim/memory_store.hpp"

namespace wrapup {

MemoryStore::DeliveryRow& MemoryStore::make_delivery(CallRow& row, const SettleCall::Fix& fix,
                                                     const std::string& name, UtcTime now) {
    DeliveryRow& made = deliveries_.emplace_back();
    made.delivery.id = static_cast<std::int64_t>(deliveries_.size());
    made.delivery.call_id = row.call.id;
    made.delivery.destination = name;
    made.delivery.webhook_id = fix.webhook_id;
    made.delivery.body = fix.body;
    made.delivery.ended_at = row.call.ended_at;
    if (fix.parked) {
        park(made, *fix.parked);
    } else {
        make_pending(made, now);
    }
    row.deliveries.push_back(made.delivery.id);
    return made;
}

StoreOutcome MemoryStore::apply(const FinishAttempt& op, UtcTime now) {
    if (op.delivery_id < 1 || op.delivery_id > std::ssize(deliveries_)) {
        return Error{Errc::not_found, "no such delivery"};
    }
    DeliveryRow& row = deliveries_[static_cast<std::size_t>(op.delivery_id - 1)];
    if (!row.lease.is_held_by(op.fence)) return Error{Errc::conflict, "the claim was lost"};
    Delivery& delivery = row.delivery;
    const bool is_pending = delivery.state == DeliveryState::pending;
    row.lease.until.reset();
    row.attempt_started_at.reset();
    if (std::holds_alternative<FinishAttempt::Release>(op.then)) {
        if (is_pending) delivery.due_at = std::min(*delivery.due_at, now);
        return Done{};
    }
    row.unresolved_since.reset();
    if (op.attempt) {
        delivery.attempts_count += 1;
        if (op.attempt->outcome == AttemptOutcome::unknown) delivery.unknown_count += 1;
        row.attempts.push_back(*op.attempt);
        row.attempts.back().number = delivery.attempts_count;
    }
    // What the CRM has once accepted stays accepted, whatever became of sending it again.
    if (delivery.state == DeliveryState::accepted) return Done{};
    if (std::holds_alternative<FinishAttempt::Accept>(op.then)) {
        delivery.state = DeliveryState::accepted;
        delivery.accepted_at = now;
        delivery.parked.reset();
        delivery.due_at.reset();
    } else if (const auto* retry = std::get_if<FinishAttempt::RetryAt>(&op.then)) {
        if (retry->uses_schedule) delivery.retries_used += 1;
        make_pending(row, retry->due_at);
    } else if (const auto* parked = std::get_if<FinishAttempt::Park>(&op.then)) {
        park(row, parked->reason);
    }
    keep_state_in_step(*find_exactly(delivery.call_id));
    return Done{};
}

StoreOutcome MemoryStore::apply(const SetDestination& op, UtcTime now) {
    const auto [found, is_new] = destinations_.try_emplace(op.name, DestinationRow{op.name});
    DestinationRow& destination = found->second;
    if (is_new || destination.state != op.state) destination.since = op.at;
    destination.state = op.state;
    if (op.state != DestinationState::paused) {
        sweeps_[op.name] = {op.state == DestinationState::gone, op.at, std::ssize(deliveries_)};
    }
    return apply(SweepDestination{op.name, op.slice}, now);
}

// All that the sweep concerns: what is to be parked by the time it wakes, what is to be given back
// by age.
std::vector<MemoryStore::DeliveryRow*> MemoryStore::find_to_sweep(std::string_view destination) {
    const Sweep& sweep = sweeps_.find(destination)->second;
    std::vector<DeliveryRow*> rows;
    for (DeliveryRow& row : deliveries_) {
        const Delivery& delivery = row.delivery;
        if (delivery.destination != destination || delivery.id > sweep.last_id) continue;
        const bool is_meant = sweep.parks ? delivery.state == DeliveryState::pending
                                          : delivery.parked == ParkReason::destination_gone;
        if (is_meant) rows.push_back(&row);
    }
    if (!sweep.parks) return rows;
    std::stable_sort(rows.begin(), rows.end(), [](const DeliveryRow* a, const DeliveryRow* b) {
        return *a->wakes_at() < *b->wakes_at();
    });
    return rows;
}

StoreOutcome MemoryStore::apply(const SweepDestination& op, UtcTime) {
    const auto sweep = sweeps_.find(op.name);
    if (sweep == sweeps_.end()) return Swept{};
    const auto rows = find_to_sweep(op.name);
    const auto count = std::min(rows.size(), static_cast<std::size_t>(op.slice));
    for (std::size_t i = 0; i < count; ++i) {
        if (sweep->second.parks) {
            park(*rows[i], ParkReason::destination_gone);
        } else {
            make_pending(*rows[i], sweep->second.at);
        }
        keep_state_in_step(*find_exactly(rows[i]->delivery.call_id));
    }
    const bool has_more = count == static_cast<std::size_t>(op.slice);
    if (!has_more) sweeps_.erase(sweep);
    return Swept{has_more};
}

StoreOutcome MemoryStore::apply(const Probe&, UtcTime) { return Done{}; }

StoreOutcome MemoryStore::apply(const Unpark& op, UtcTime) {
    if (op.delivery_id < 1 || op.delivery_id > std::ssize(deliveries_)) {
        return Error{Errc::not_found, "no such delivery"};
    }
    DeliveryRow& row = deliveries_[static_cast<std::size_t>(op.delivery_id - 1)];
    if (row.delivery.state != DeliveryState::parked ||
        row.delivery.parked == ParkReason::forgotten) {
        return Error{Errc::conflict, "the delivery is not parked"};
    }
    if (destination_state(row.delivery.destination) == DestinationState::gone) {
        return Error{Errc::conflict, "the destination is gone"};
    }
    row.delivery.retries_used = 0;
    make_pending(row, op.at);
    keep_state_in_step(*find_exactly(row.delivery.call_id));
    return Done{};
}

// ---- States ----

void MemoryStore::make_pending(DeliveryRow& row, UtcTime due_at) {
    if (destination_state(row.delivery.destination) == DestinationState::gone) {
        return park(row, ParkReason::destination_gone);
    }
    row.delivery.state = DeliveryState::pending;
    row.delivery.parked.reset();
    row.delivery.due_at = due_at;
}

void MemoryStore::park(DeliveryRow& row, ParkReason reason) {
    row.delivery.state = DeliveryState::parked;
    row.delivery.parked = reason;
    row.delivery.due_at.reset();
}

// The state of a call with a record follows from its deliveries.
void MemoryStore::keep_state_in_step(CallRow& row) {
    if (row.deliveries.empty()) return;
    row.call.state = CallState::delivered;
    row.call.parked.reset();
    for (const std::int64_t id : row.deliveries) {
        const Delivery& delivery = deliveries_[static_cast<std::size_t>(id - 1)].delivery;
        if (delivery.state == DeliveryState::parked) {
            row.call.state = CallState::parked;
            row.call.parked = delivery.parked;
            return;
        }
        if (delivery.state == DeliveryState::pending) row.call.state = CallState::delivering;
    }
}

DestinationState MemoryStore::destination_state(std::string_view name) const {
    const auto found = destinations_.find(name);
    return found == destinations_.end() ? DestinationState::active : found->second.state;
}

}  // namespace wrapup
