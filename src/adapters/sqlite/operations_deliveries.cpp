// Deliveries, their attempts, and destinations.

#include <algorithm>

#include "adapters/sqlite/operations.hpp"

namespace wrapup::sqlite {
namespace {

void park(Delivery& delivery, ParkReason reason) {
    delivery.state = DeliveryState::parked;
    delivery.parked = reason;
    delivery.due_at.reset();
}

}  // namespace

void begin_claim(DeliveryRow& row, UtcTime now, UtcTime lease_until) {
    row.fence += 1;
    if (!row.unresolved_since) row.unresolved_since = row.attempt_started_at;
    row.lease_until = lease_until;
    row.attempt_started_at = now;
}

ClaimedDelivery claim_row(Connection& connection, DeliveryRow row, UtcTime now,
                          UtcTime lease_until) {
    begin_claim(row, now, lease_until);
    connection.run(
        "UPDATE deliveries SET fence = ?2, lease_until_ms = ?3, attempt_started_at_ms = ?4,"
        " unresolved_since_ms = ?5 WHERE id = ?1",
        row.delivery.id, row.fence, row.lease_until, row.attempt_started_at, row.unresolved_since);
    return {std::move(row.delivery), row.fence, row.unresolved_since};
}

std::optional<DeliveryRow> Operations::find_delivery(std::int64_t id) {
    Query query = connection_.query("SELECT " WRAPUP_DELIVERY_COLUMNS
                                    " FROM deliveries d JOIN calls c ON c.no = d.call_no"
                                    " WHERE d.id = ?1",
                                    id);
    if (!query.next()) return std::nullopt;
    return read_delivery(connection_, query);
}

// What a claim's end, or a person, made of the delivery.
void Operations::save_end(const DeliveryRow& row) {
    const Delivery& delivery = row.delivery;
    connection_.run(
        "UPDATE deliveries SET state = ?2, parked = ?3, attempts_count = ?4, retries_used = ?5,"
        " unknown_count = ?6, due_at_ms = ?7, accepted_at_ms = ?8, lease_until_ms = ?9,"
        " attempt_started_at_ms = ?10, unresolved_since_ms = ?11 WHERE id = ?1",
        delivery.id, delivery.state, delivery.parked, delivery.attempts_count,
        delivery.retries_used, delivery.unknown_count, delivery.due_at, delivery.accepted_at,
        row.lease_until, row.attempt_started_at, row.unresolved_since);
}

void Operations::add_attempt(DeliveryRow& row, const Attempt& attempt) {
    row.delivery.attempts_count += 1;
    if (attempt.outcome == AttemptOutcome::unknown) row.delivery.unknown_count += 1;
    connection_.run(
        "INSERT INTO attempts (delivery_id, number, started_at_ms, elapsed_ms, outcome,"
        " http_status, error, answer, is_again) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        row.delivery.id, row.delivery.attempts_count, attempt.started_at, attempt.elapsed.count(),
        attempt.outcome, attempt.http_status, attempt.error, attempt.answer, attempt.is_again);
}

void Operations::make_pending(Delivery& delivery, UtcTime due_at) {
    make_pending(delivery, due_at, read_destination_state(connection_, delivery.destination));
}

void Operations::make_pending(Delivery& delivery, UtcTime due_at, DestinationState destination) {
    if (destination == DestinationState::gone) {
        return park(delivery, ParkReason::destination_gone);
    }
    delivery.state = DeliveryState::pending;
    delivery.parked.reset();
    delivery.due_at = due_at;
}

// The state of a call with a record follows from its deliveries.
void Operations::keep_state_in_step(std::int64_t call_no) {
    connection_.run(
        "UPDATE calls SET (state, parked) = (SELECT"
        " CASE max(CASE state WHEN 'parked' THEN 2 WHEN 'pending' THEN 1 ELSE 0 END)"
        "   WHEN 2 THEN 'parked' WHEN 1 THEN 'delivering' ELSE 'delivered' END,"
        " (SELECT parked FROM deliveries WHERE call_no = ?1 AND parked IS NOT NULL"
        "   ORDER BY id LIMIT 1)"
        " FROM deliveries WHERE call_no = ?1) WHERE no = ?1",
        call_no);
}

StoreOutcome Operations::apply(const FinishAttempt& op) {
    auto row = find_delivery(op.delivery_id);
    if (!row) return Error{Errc::not_found, "no such delivery"};
    if (!row->lease_until || row->fence != op.fence) {
        return Error{Errc::conflict, "the claim was lost"};
    }
    Delivery& delivery = row->delivery;
    const DeliveryState before = delivery.state;
    const auto parked_before = delivery.parked;
    row->lease_until.reset();
    row->attempt_started_at.reset();
    if (std::holds_alternative<FinishAttempt::Release>(op.then)) {
        if (delivery.due_at) delivery.due_at = std::min(*delivery.due_at, now_);
        save_end(*row);
        return Done{};
    }
    row->unresolved_since.reset();
    if (op.attempt) add_attempt(*row, *op.attempt);
    if (before == DeliveryState::accepted) {
        // What the CRM has once accepted stays accepted, whatever became of sending it again.
    } else if (std::holds_alternative<FinishAttempt::Accept>(op.then)) {
        delivery.state = DeliveryState::accepted;
        delivery.accepted_at = now_;
        delivery.parked.reset();
        delivery.due_at.reset();
    } else if (const auto* retry = std::get_if<FinishAttempt::RetryAt>(&op.then)) {
        if (retry->uses_schedule) delivery.retries_used += 1;
        make_pending(delivery, retry->due_at);
    } else if (const auto* parked = std::get_if<FinishAttempt::Park>(&op.then)) {
        park(delivery, parked->reason);
    }
    save_end(*row);
    if (delivery.state != before || delivery.parked != parked_before) {
        keep_state_in_step(row->call_no);
    }
    return Done{};
}

StoreOutcome Operations::apply(const SetDestination& op) {
    connection_.run(
        "INSERT INTO destinations (name, state, since_ms) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (name) DO UPDATE SET state = excluded.state,"
        " since_ms = iif(state = excluded.state, since_ms, excluded.since_ms)",
        op.name, op.state, op.at);
    if (op.state != DestinationState::paused) {
        const std::string_view sweep = op.state == DestinationState::gone ? "park" : "resume";
        connection_.run(
            "UPDATE destinations SET sweep = ?2, sweep_at_ms = ?3,"
            " sweep_last_id = (SELECT ifnull(max(id), 0) FROM deliveries) WHERE name = ?1",
            op.name, sweep, op.at);
    }
    return apply(SweepDestination{op.name, op.slice});
}

// In the order of their index, so that a slice costs the same however many wait.
std::vector<std::int64_t> Operations::find_to_park(const SweepDestination& op,
                                                   std::int64_t last_id) {
    Query query = connection_.query(
        "SELECT id FROM deliveries WHERE destination = ?1 AND wakes_at_ms IS NOT NULL"
        " AND id <= ?2 ORDER BY wakes_at_ms, id LIMIT ?3",
        op.name, last_id, op.slice);
    std::vector<std::int64_t> ids;
    while (query.next()) ids.push_back(query.integer(0));
    return ids;
}

std::vector<std::int64_t> Operations::find_to_resume(const SweepDestination& op,
                                                     std::int64_t last_id) {
    Query query = connection_.query(
        "SELECT id FROM deliveries WHERE destination = ?1 AND parked = ?2 AND id <= ?3"
        " ORDER BY id LIMIT ?4",
        op.name, ParkReason::destination_gone, last_id, op.slice);
    std::vector<std::int64_t> ids;
    while (query.next()) ids.push_back(query.integer(0));
    return ids;
}

StoreOutcome Operations::apply(const SweepDestination& op) {
    bool parks = false;
    UtcTime at{};
    std::int64_t last_id = 0;
    {
        Query query = connection_.query(
            "SELECT sweep = 'park', sweep_at_ms, sweep_last_id FROM destinations"
            " WHERE name = ?1 AND sweep IS NOT NULL",
            op.name);
        if (!query.next()) return Swept{};
        parks = query.integer(0) != 0;
        at = query.time(1);
        last_id = query.integer(2);
    }
    const auto ids = parks ? find_to_park(op, last_id) : find_to_resume(op, last_id);
    for (const std::int64_t id : ids) {
        auto row = find_delivery(id);
        if (!row) break;
        if (parks) {
            park(row->delivery, ParkReason::destination_gone);
        } else {
            make_pending(row->delivery, at);
        }
        save_end(*row);
        keep_state_in_step(row->call_no);
    }
    const bool has_more = std::ssize(ids) == op.slice;
    if (!has_more) {
        connection_.run("UPDATE destinations SET sweep = NULL WHERE name = ?1", op.name);
    }
    return Swept{has_more};
}

StoreOutcome Operations::apply(const Probe&) {
    connection_.run("INSERT OR REPLACE INTO probes (id, at_ms) VALUES (1, ?1)", now_);
    return Done{};
}

StoreOutcome Operations::apply(const Unpark& op) {
    auto row = find_delivery(op.delivery_id);
    if (!row) return Error{Errc::not_found, "no such delivery"};
    Delivery& delivery = row->delivery;
    if (delivery.state != DeliveryState::parked || delivery.parked == ParkReason::forgotten) {
        return Error{Errc::conflict, "the delivery is not parked"};
    }
    if (read_destination_state(connection_, delivery.destination) == DestinationState::gone) {
        return Error{Errc::conflict, "the destination is gone"};
    }
    delivery.retries_used = 0;
    make_pending(delivery, op.at);
    save_end(*row);
    keep_state_in_step(row->call_no);
    return Done{};
}

}  // namespace wrapup::sqlite
