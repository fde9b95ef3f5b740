// The settler's answers to its claims.

#include <algorithm>
#include <set>

#include "core/store/call_rules.hpp"
#include "core/store/delivery_rules.hpp"
#include "core/store/store_rules.hpp"
#include "domain/callable_number.hpp"
#include "domain/facts.hpp"

namespace wrapup {
namespace {

void replace(std::string& old, const std::string& with) {
    if (!with.empty()) old = with;
}

bool is_whole(const SettleCall::Fix& fix) {
    std::set<std::string_view> destinations;
    for (const NewDelivery& made : fix.deliveries) destinations.insert(made.destination);
    return !fix.body.empty() && destinations.size() == fix.deliveries.size();
}

bool has_unseen(const WorkingCall& row, const SettleCall& op) {
    return row.call.events_count != op.seen_events_count || row.is_touched;
}

std::optional<Error> refuse(const WorkingCall* row, const SettleCall& op) {
    if (row == nullptr) return Error{Errc::not_found, "no such call"};
    if (!row->lease.is_held_by(op.fence)) return Error{Errc::conflict, "the claim was lost"};
    if (!row->has_place_for(std::ssize(op.events))) return no_place();
    if (std::holds_alternative<SettleCall::Reschedule>(op.then)) return std::nullopt;
    if (std::holds_alternative<SettleCall::NoteLate>(op.then)) {
        if (!row->has_record()) return Error{Errc::conflict, "the call has no record yet"};
        return std::nullopt;
    }
    if (row->has_record()) return Error{Errc::conflict, "the call has its record"};
    if (has_unseen(*row, op)) return Error{Errc::conflict, "more came in meanwhile"};
    const auto* fix = std::get_if<SettleCall::Fix>(&op.then);
    if (fix == nullptr || is_whole(*fix)) return std::nullopt;
    return Error{Errc::invalid_input, "a record needs a body and different destinations"};
}

void note_findings(WorkingCall& row, const SettleCall& op) {
    Call& call = row.call;
    row.set_progress(op.progress);
    if (op.metadata) row.set_metadata(*op.metadata);
    replace(call.to, op.to);
    replace(call.campaign, op.campaign);
    replace(call.name, op.name);
    replace(call.note, op.note);
    if (op.ended_at) call.ended_at = op.ended_at;
}

// As far as the answer tells.
std::optional<seconds> length_of(const SettleCall& op) {
    const auto* const fix = std::get_if<SettleCall::Fix>(&op.then);
    if (fix == nullptr) return std::nullopt;
    return seconds{fix->record.duration_s};
}

// True when what was found out showed that another call is the same one.
bool join_what_was_found(WorkingSet& rows, WorkingCall& row, const SettleCall& op, UtcTime now) {
    bool is_joined = false;
    for (const NewEvent& event : op.events) {
        is_joined |=
            join_by_ids(rows, rows.survivor_of(row), event.call_sid, event.conversation_id, now);
    }
    is_joined |= join_named(rows, rows.survivor_of(row), op.conversation_id, length_of(op), now);
    return is_joined;
}

Settled fix_record(WorkingSet& rows, WorkingCall& row, const SettleCall::Fix& fix, UtcTime now) {
    Call& call = row.call;
    row.fixed_record = fix.body;
    call.outcome = fix.record.status;
    call.duration_s = fix.record.duration_s;
    call.settled_at = now;
    call.due_at.reset();
    row.set_state(CallState::out_of_scope);  // Stays so only without any delivery.
    Settled settled;
    for (const NewDelivery& made : fix.deliveries) {
        WorkingDelivery& delivery = make_delivery(rows, row, made, now);
        settled.delivery_ids.push_back(delivery.delivery.id);
        if (delivery.lease.until) settled.claimed.push_back(claim_of(delivery));
    }
    keep_state_in_step(row);
    return settled;
}

void carry_out(WorkingCall& row, const SettleCall& op, bool has_unseen, UtcTime now) {
    Call& call = row.call;
    call.due_at.reset();
    if (const auto* again = std::get_if<SettleCall::Reschedule>(&op.then)) {
        call.due_at = has_unseen ? std::min(again->due_at, now) : again->due_at;
        if (!row.has_record()) {
            row.set_state(op.is_over ? CallState::settling : CallState::open);
        }
    } else if (const auto* park = std::get_if<SettleCall::Park>(&op.then)) {
        row.set_state(CallState::parked, park->reason);
    } else if (const auto* late = std::get_if<SettleCall::NoteLate>(&op.then)) {
        call.is_late_conflict |= late->is_conflict;
        if (has_unseen) call.due_at = now;
    } else {
        row.set_state(CallState::out_of_scope);
    }
}

}  // namespace

StoreOutcome apply(WorkingSet& rows, const SettleCall& op, UtcTime now) {
    WorkingCall* const row = rows.find_exactly(op.call_id);
    if (auto refusal = refuse(row, op)) return *std::move(refusal);
    const bool was_unseen = has_unseen(*row, op);
    for (const NewEvent& event : op.events) add_event(rows, *row, event, now);
    note_findings(*row, op);
    list_opt_out(rows, *row, op.to, now);
    end_intent_of_call(rows, row->call, op, now);
    row->lease.until.reset();
    Settled settled;
    if (join_what_was_found(rows, *row, op, now)) {
        settle_anew(rows.survivor_of(*row), now);
        settled.is_due = true;
        settled.is_joined = true;
        return settled;
    }
    if (const auto* fix = std::get_if<SettleCall::Fix>(&op.then)) {
        return fix_record(rows, *row, *fix, now);
    }
    carry_out(*row, op, was_unseen, now);
    settled.is_due = row->call.due_at && *row->call.due_at <= now;
    return settled;
}

StoreOutcome apply(WorkingSet& rows, const ReleaseCall& op, UtcTime now) {
    WorkingCall* const row = rows.find_exactly(op.call_id);
    if (row == nullptr) return Error{Errc::not_found, "no such call"};
    if (!row->lease.is_held_by(op.fence)) return Error{Errc::conflict, "the claim was lost"};
    row->lease.until.reset();
    if (row->call.due_at) row->move_due_forward(now);
    return Done{};
}

}  // namespace wrapup
