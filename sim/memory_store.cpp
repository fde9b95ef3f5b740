#include "sim/memory_store.hpp"

#include <algorithm>

#include "codec/state_json.hpp"
#include "domain/liveliness.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

void fill(std::string& empty, const std::string& with) {
    if (empty.empty()) empty = with;
}

void replace(std::string& old, const std::string& with) {
    if (!with.empty()) old = with;
}

bool is_settling_on(CallState state) {
    return state == CallState::open || state == CallState::settling;
}

// Waits for a word that may still come.
bool waits_for_word(const Call& call) {
    return call.state == CallState::parked &&
           (call.parked == ParkReason::silent || call.parked == ParkReason::unlinked);
}

bool can_come_back(const Call& call) {
    return call.state == CallState::out_of_scope || waits_for_word(call);
}

std::optional<UtcTime> later(std::optional<UtcTime> due_at, std::optional<UtcTime> lease_until) {
    if (due_at && lease_until) return std::max(*due_at, *lease_until);
    return due_at;
}

}  // namespace

std::optional<UtcTime> MemoryStore::CallRow::wakes_at() const {
    return later(call.due_at, lease.until);
}

void MemoryStore::CallRow::move_due_forward(UtcTime at) {
    if (!call.due_at || at < *call.due_at) call.due_at = at;
}

std::optional<UtcTime> MemoryStore::DeliveryRow::wakes_at() const {
    if (delivery.state != DeliveryState::pending) return std::nullopt;
    return later(delivery.due_at, lease.until);
}

// ---- Finding and making calls ----

MemoryStore::CallRow* MemoryStore::find_exactly(std::string_view id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

MemoryStore::CallRow* MemoryStore::find(std::string_view any_id) {
    CallRow* row = find_exactly(any_id);
    if (row == nullptr) {
        const auto found = by_conversation_.find(any_id);
        if (found == by_conversation_.end()) return nullptr;
        row = found->second;
    }
    while (row->call.state == CallState::merged) row = find_exactly(row->call.merged_into);
    return row;
}

// Out of scope and not due until an event says more.
MemoryStore::CallRow& MemoryStore::make_call(const std::string& id, UtcTime at) {
    CallRow& row = calls_.emplace_back();
    row.number = static_cast<std::int64_t>(calls_.size());
    row.call.id = id;
    row.call.state = CallState::out_of_scope;
    row.call.first_event_at = at;
    row.call.last_event_at = at;
    by_id_.emplace(id, &row);
    return row;
}

// False when it is a repeat.
bool MemoryStore::add_event(CallRow& row, const NewEvent& event) {
    const auto& keys = row.dedup_keys;
    if (std::find(keys.begin(), keys.end(), event.dedup_key) != keys.end()) return false;
    row.call.events_count += 1;
    row.call.last_event_at = std::max(row.call.last_event_at, event.received_at);
    fill(row.call.to, event.to);
    row.events.push_back(
        {row.call.events_count, event.kind, event.received_at, row.has_record(), event.payload});
    row.dedup_keys.push_back(event.dedup_key);
    return true;
}

// ---- Merging ----

// The two are one call. The one that has a record keeps its identity, else the CallSid's does.
// Returns the survivor; of two calls with records both survive, because nothing can be unsent.
MemoryStore::CallRow& MemoryStore::join(CallRow& of_sid, CallRow& of_conversation, UtcTime now) {
    if (!of_conversation.has_record()) {
        merge_into(of_sid, of_conversation, now);
    } else if (!of_sid.has_record()) {
        merge_into(of_conversation, of_sid, now);
        return of_conversation;
    }
    return of_sid;
}

void MemoryStore::merge_into(CallRow& target, CallRow& source, UtcTime now) {
    WRAPUP_ASSERT(!source.has_record() && &target != &source);
    Call& to = target.call;
    Call& from = source.call;
    for (std::size_t i = 0; i < source.events.size(); ++i) {
        const StoredEvent& event = source.events[i];
        NewEvent moved;
        moved.kind = event.kind;
        moved.dedup_key = source.dedup_keys[i];
        moved.received_at = event.received_at;
        moved.payload = event.payload;
        if (add_event(target, moved) && target.has_record()) target.move_due_forward(now);
    }
    to.first_event_at = std::min(to.first_event_at, from.first_event_at);
    to.last_event_at = std::max(to.last_event_at, from.last_event_at);
    // One of the two is known by its conversation only, the other is the CallSid's own.
    if (to.call_sid.empty()) to.call_sid = from.call_sid;
    fill(to.conversation_id, from.conversation_id);
    fill(to.to, from.to);
    fill(to.campaign, from.campaign);
    fill(to.name, from.name);
    if (!target.has_record()) {
        fill(to.note, from.note);
        if (!to.ended_at) to.ended_at = from.ended_at;
        if (from.metadata)
            to.metadata = to.metadata ? merge(*to.metadata, *from.metadata) : from.metadata;
        if (to.progress == SettleProgress{}) to.progress = from.progress;
        if (liveliness(from.state) > liveliness(to.state)) {
            to.state = from.state;
            to.parked = from.parked;
        }
        if (from.due_at) target.move_due_forward(*from.due_at);
    }
    for (auto& [conversation_id, row] : by_conversation_) {
        if (row == &source) row = &target;
    }
    source.events.clear();
    source.dedup_keys.clear();
    source.lease.until.reset();
    from.events_count = 0;
    from.state = CallState::merged;
    from.parked.reset();
    from.due_at.reset();
    from.merged_into = to.id;
}

// Links `row` with a CallSid or a conversation that turned out to be its own. True when that merged
// it with another call.
bool MemoryStore::join_by_ids(CallRow& row, const std::string& call_sid,
                              const std::string& conversation_id, UtcTime now) {
    if (!call_sid.empty() && row.is_known_by_conversation_only()) {
        CallRow* other = find(call_sid);
        if (other == nullptr) {
            other = &make_call(call_sid, row.call.first_event_at);
            other->call.call_sid = call_sid;
        }
        join(*other, row, now);
        return other->call.state == CallState::merged || row.call.state == CallState::merged;
    }
    if (conversation_id.empty()) return false;
    CallRow* owner = find(conversation_id);
    if (owner == nullptr) {
        by_conversation_.emplace(conversation_id, &row);
        fill(row.call.conversation_id, conversation_id);
        return false;
    }
    if (owner == &row || !owner->is_known_by_conversation_only() ||
        row.is_known_by_conversation_only()) {
        return false;
    }
    join(row, *owner, now);
    return owner->call.state == CallState::merged || row.call.state == CallState::merged;
}

bool MemoryStore::join_what_was_found(CallRow& row, const SettleCall& op, UtcTime now) {
    bool is_joined = false;
    for (const NewEvent& event : op.events) {
        CallRow& survivor = *find(row.call.id);
        is_joined |= join_by_ids(survivor, event.call_sid, event.conversation_id, now);
    }
    CallRow& survivor = *find(row.call.id);
    is_joined |= join_by_ids(survivor, {}, op.conversation_id, now);
    return is_joined;
}

// ---- Operations ----

Result<std::vector<StoreOutcome>> MemoryStore::commit(std::span<const StoreOp> ops, UtcTime now) {
    const std::lock_guard lock{mutex_};
    std::vector<StoreOutcome> outcomes;
    outcomes.reserve(ops.size());
    for (const StoreOp& op : ops) {
        outcomes.push_back(std::visit([&](const auto& one) { return apply(one, now); }, op));
    }
    return outcomes;
}

StoreOutcome MemoryStore::apply(const AppendEvent& op, UtcTime now) {
    const NewEvent& event = op.event;
    if (event.call_sid.empty() && event.conversation_id.empty()) {
        return Error{Errc::invalid_input, "an event needs a CallSid or a conversation id"};
    }
    CallRow* row = find(event.call_sid.empty() ? event.conversation_id : event.call_sid);
    const bool is_new_call =
        row == nullptr && (event.conversation_id.empty() || find(event.conversation_id) == nullptr);
    if (row == nullptr) {
        row = &make_call(event.call_sid.empty() ? event.conversation_id : event.call_sid,
                         event.received_at);
        row->call.call_sid = event.call_sid;
        if (event.call_sid.empty()) row->call.conversation_id = event.conversation_id;
    }
    join_by_ids(*row, {}, event.conversation_id, now);
    row = find(row->call.id);

    Appended appended;
    appended.call_id = row->call.id;
    appended.is_new_call = is_new_call;
    if (!add_event(*row, event)) {
        appended.is_repeat = true;
        return appended;
    }
    Call& call = row->call;
    if (row->has_record()) {
        appended.is_late = true;
        row->move_due_forward(now);
    } else if (is_settling_on(call.state)) {
        row->move_due_forward(event.due_at);
    } else if (event.is_ours && can_come_back(call)) {
        call.state = CallState::open;
        call.parked.reset();
        call.due_at = event.due_at;
    }
    appended.is_due = call.due_at && *call.due_at <= now;
    return appended;
}

std::optional<Error> MemoryStore::refuse(const CallRow* row, const SettleCall& op) const {
    if (row == nullptr) return Error{Errc::not_found, "no such call"};
    if (!row->lease.is_held_by(op.fence)) return Error{Errc::conflict, "the claim was lost"};
    if (std::holds_alternative<SettleCall::Reschedule>(op.then)) return std::nullopt;
    if (std::holds_alternative<SettleCall::NoteLate>(op.then)) {
        if (!row->has_record()) return Error{Errc::conflict, "the call has no record yet"};
        return std::nullopt;
    }
    if (row->has_record()) return Error{Errc::conflict, "the call has its record"};
    if (row->call.events_count != op.seen_events_count || row->is_touched) {
        return Error{Errc::conflict, "more came in meanwhile"};
    }
    const auto* fix = std::get_if<SettleCall::Fix>(&op.then);
    if (fix == nullptr) return std::nullopt;
    const std::set<std::string> names(fix->destinations.begin(), fix->destinations.end());
    if (fix->body.empty() || names.size() != fix->destinations.size() ||
        (names.empty() && !fix->parked)) {
        return Error{Errc::invalid_input, "a record needs a body and different destinations"};
    }
    return std::nullopt;
}

StoreOutcome MemoryStore::apply(const SettleCall& op, UtcTime now) {
    CallRow* const row = find_exactly(op.call_id);
    if (const auto refusal = refuse(row, op)) return *refusal;
    Call& call = row->call;
    const bool has_unseen = call.events_count != op.seen_events_count || row->is_touched;

    for (const NewEvent& event : op.events) add_event(*row, event);
    call.progress = *decode_progress(encode_progress(op.progress));
    if (op.metadata) call.metadata = *decode_metadata(encode_metadata(*op.metadata));
    replace(call.to, op.to);
    replace(call.campaign, op.campaign);
    replace(call.name, op.name);
    replace(call.note, op.note);
    if (op.ended_at) call.ended_at = op.ended_at;
    row->lease.until.reset();
    Settled settled;
    if (join_what_was_found(*row, op, now)) {
        CallRow& survivor = *find(call.id);
        survivor.move_due_forward(now);
        if (!survivor.has_record() && can_come_back(survivor.call)) {
            survivor.call.state = CallState::open;
            survivor.call.parked.reset();
        }
        settled.is_due = true;
        settled.is_joined = true;
        return settled;
    }

    if (const auto* fixed = std::get_if<SettleCall::Fix>(&op.then)) return fix(*row, *fixed, now);
    call.due_at.reset();
    if (const auto* again = std::get_if<SettleCall::Reschedule>(&op.then)) {
        call.due_at = has_unseen ? std::min(again->due_at, now) : again->due_at;
        if (!row->has_record()) {
            call.state = op.is_over ? CallState::settling : CallState::open;
            call.parked.reset();
        }
    } else if (const auto* park = std::get_if<SettleCall::Park>(&op.then)) {
        call.state = CallState::parked;
        call.parked = park->reason;
    } else if (const auto* late = std::get_if<SettleCall::NoteLate>(&op.then)) {
        call.is_late_conflict |= late->is_conflict;
        if (has_unseen) call.due_at = now;
    } else {
        call.state = CallState::out_of_scope;
        call.parked.reset();
    }
    settled.is_due = call.due_at && *call.due_at <= now;
    return settled;
}

Settled MemoryStore::fix(CallRow& row, const SettleCall::Fix& fix, UtcTime now) {
    Call& call = row.call;
    call.record = fix.body;
    call.outcome = fix.record.status;
    call.duration_s = fix.record.duration_s;
    call.settled_at = now;
    call.due_at.reset();
    call.state = CallState::parked;  // Stays so only when there is no destination at all.
    call.parked = fix.parked;
    Settled settled;
    for (const std::string& name : fix.destinations) {
        DeliveryRow& made = make_delivery(row, fix, name, now);
        settled.delivery_ids.push_back(made.delivery.id);
        if (settled.delivery_ids.size() == 1 && fix.delivery_lease_until &&
            made.delivery.state == DeliveryState::pending &&
            destination_state(name) == DestinationState::active) {
            settled.claimed = claim(made, now, *fix.delivery_lease_until);
        }
    }
    keep_state_in_step(row);
    return settled;
}

StoreOutcome MemoryStore::apply(const ReleaseCall& op, UtcTime now) {
    CallRow* const row = find_exactly(op.call_id);
    if (row == nullptr) return Error{Errc::not_found, "no such call"};
    if (!row->lease.is_held_by(op.fence)) return Error{Errc::conflict, "the claim was lost"};
    row->lease.until.reset();
    if (row->call.due_at) row->move_due_forward(now);
    return Done{};
}

StoreOutcome MemoryStore::apply(const PutMetadata& op, UtcTime) {
    metadata_[op.call_id] = *decode_metadata(encode_metadata(op.metadata));
    CallRow* const row = find(op.call_id);
    if (row == nullptr || row->has_record()) return Done{};
    if (!is_settling_on(row->call.state) && !waits_for_word(row->call)) return Done{};
    row->move_due_forward(op.at);
    row->is_touched = row->lease.until.has_value();
    return Done{};
}

StoreOutcome MemoryStore::apply(const PutCampaign& op, UtcTime) {
    campaigns_[op.campaign.id] = op.campaign;
    return Done{};
}

StoreOutcome MemoryStore::apply(const PutContact& op, UtcTime) {
    const std::string phone = normalize_phone_number(op.contact.phone);
    contacts_[phone] = Contact{phone, op.contact.name, op.contact.campaign};
    return Done{};
}

}  // namespace wrapup
