// The settler's answers, and metadata.

#include <algorithm>
#include <set>

#include "adapters/sqlite/operations.hpp"
#include "codec/state_json.hpp"
#include "domain/phone_number.hpp"

namespace wrapup::sqlite {

std::optional<Error> Operations::refuse(const std::optional<CallHead>& head,
                                        const SettleCall& op) const {
    if (!head) return Error{Errc::not_found, "no such call"};
    if (!head->is_held_by(op.fence)) return Error{Errc::conflict, "the claim was lost"};
    if (!has_place(*head, std::ssize(op.events))) return no_place();
    if (std::holds_alternative<SettleCall::Reschedule>(op.then)) return std::nullopt;
    if (std::holds_alternative<SettleCall::NoteLate>(op.then)) {
        if (!head->has_record) return Error{Errc::conflict, "the call has no record yet"};
        return std::nullopt;
    }
    if (head->has_record) return Error{Errc::conflict, "the call has its record"};
    if (head->events_count != op.seen_events_count || head->is_touched) {
        return Error{Errc::conflict, "more came in meanwhile"};
    }
    const auto* fix = std::get_if<SettleCall::Fix>(&op.then);
    if (fix == nullptr) return std::nullopt;
    const std::set<std::string_view> names(fix->destinations.begin(), fix->destinations.end());
    if (fix->body.empty() || names.size() != fix->destinations.size() ||
        (names.empty() && !fix->parked)) {
        return Error{Errc::invalid_input, "a record needs a body and different destinations"};
    }
    return std::nullopt;
}

StoreOutcome Operations::apply(const SettleCall& op) {
    auto found = find_exactly(op.call_id);
    if (auto refusal = refuse(found, op)) return *std::move(refusal);
    CallHead& head = *found;
    const bool has_unseen = head.events_count != op.seen_events_count || head.is_touched;
    for (const NewEvent& event : op.events) add_event(head, event);
    const auto* fixed = std::get_if<SettleCall::Fix>(&op.then);
    const bool may_join = !op.events.empty() || (!op.conversation_id.empty() &&
                                                 op.conversation_id != head.conversation_id);
    if (fixed != nullptr && !may_join) return fix(head, op, *fixed);
    save_findings(head, op);
    Settled settled;
    if (join_what_was_found(head, op)) {
        CallHead survivor = survivor_of(head);
        move_due_forward(survivor, now_);
        if (!survivor.has_record && survivor.can_come_back()) {
            set_state(survivor, CallState::open, std::nullopt);
        }
        settled.is_due = true;
        settled.is_joined = true;
        return settled;
    }
    if (fixed != nullptr) return fix(head, op, *fixed);
    carry_out(head, op, has_unseen);
    settled.is_due = head.due_at && *head.due_at <= now_;
    return settled;
}

// What a settler found out as the values of its columns.
struct Operations::Findings {
    explicit Findings(const SettleCall& op)
        : progress(op.progress == SettleProgress{} ? std::string{} : encode_progress(op.progress)) {
        if (op.metadata) metadata = encode_metadata(*op.metadata);
    }
    std::string progress;
    std::optional<std::string> metadata;
};

#define WRAPUP_SET_FINDINGS                                                     \
    "UPDATE calls SET events_count = ?2, last_event_at_ms = ?3, progress = ?4," \
    " metadata = ifnull(?5, metadata), name = ifnull(nullif(?6, ''), name),"    \
    " note = ifnull(nullif(?7, ''), note), ended_at_ms = ?8, lease_until_ms = NULL"

// All that was found out, and the end of the claim, in one statement; the phone number and the
// campaign only when they changed, because they are indexed.
void Operations::save_findings(CallHead& head, const SettleCall& op) {
    const Findings found(op);
    if (op.ended_at) head.ended_at = op.ended_at;
    head.lease_until.reset();
    connection_.run(WRAPUP_SET_FINDINGS " WHERE no = ?1", head.no, head.events_count,
                    head.last_event_at, found.progress, found.metadata, op.name, op.note,
                    head.ended_at);
    set_to(head, op.to);
    if (op.campaign.empty() || op.campaign == head.campaign) return;
    head.campaign = op.campaign;
    connection_.run("UPDATE calls SET campaign = ?2 WHERE no = ?1", head.no, op.campaign);
}

bool Operations::join_what_was_found(CallHead& head, const SettleCall& op) {
    bool is_joined = false;
    CallHead survivor = head;
    const auto join_one = [&](const std::string& call_sid, const std::string& conversation_id) {
        if (call_sid.empty() && conversation_id.empty()) return;
        if (!join_by_ids(survivor, call_sid, conversation_id)) return;
        is_joined = true;
        survivor = survivor_of(survivor);
    };
    for (const NewEvent& event : op.events) join_one(event.call_sid, event.conversation_id);
    join_one({}, op.conversation_id);
    return is_joined;
}

// Findings and record in one statement: a settled call's row is written once.
Settled Operations::fix(CallHead& head, const SettleCall& op, const SettleCall::Fix& fix) {
    Settled settled;
    if (op.ended_at) head.ended_at = op.ended_at;
    if (!op.campaign.empty()) head.campaign = op.campaign;
    set_to(head, op.to);
    std::optional<ParkReason> parked = fix.parked;
    for (const std::string& name : fix.destinations) {
        const bool is_first = settled.delivery_ids.empty();
        const auto destination = read_destination_state(connection_, name);
        DeliveryRow row;
        row.call_no = head.no;
        row.delivery.call_id = head.id;
        row.delivery.destination = name;
        row.delivery.webhook_id = fix.webhook_id;
        row.delivery.body = fix.body;
        row.delivery.ended_at = head.ended_at;
        if (fix.parked) {
            row.delivery.state = DeliveryState::parked;
            row.delivery.parked = fix.parked;
        } else {
            make_pending(row.delivery, now_, destination);
        }
        if (!parked) parked = row.delivery.parked;
        const bool is_claimed = is_first && fix.delivery_lease_until &&
                                row.delivery.state == DeliveryState::pending &&
                                destination == DestinationState::active;
        if (is_claimed) begin_claim(row, now_, *fix.delivery_lease_until);
        connection_.run(
            "INSERT INTO deliveries (call_no, destination, state, parked, ended_at_ms, due_at_ms,"
            " fence, lease_until_ms, attempt_started_at_ms)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            head.no, name, row.delivery.state, row.delivery.parked, head.ended_at,
            row.delivery.due_at, row.fence, row.lease_until, row.attempt_started_at);
        row.delivery.id = connection_.last_row_id();
        settled.delivery_ids.push_back(row.delivery.id);
        if (is_claimed) {
            settled.claimed =
                ClaimedDelivery{std::move(row.delivery), row.fence, row.unresolved_since};
        }
    }
    const CallState state =
        parked || fix.destinations.empty() ? CallState::parked : CallState::delivering;
    const Findings found(op);
    connection_.run(WRAPUP_SET_FINDINGS
                    ", campaign = ?9, state = ?10, parked = ?11, outcome = ?12, duration_s = ?13,"
                    " settled_at_ms = ?14, due_at_ms = NULL, webhook_id = ?15, record = ?16"
                    " WHERE no = ?1",
                    head.no, head.events_count, head.last_event_at, found.progress, found.metadata,
                    op.name, op.note, head.ended_at, head.campaign, state, parked,
                    fix.record.status, fix.record.duration_s, now_, fix.webhook_id, fix.body);
    return settled;
}

void Operations::carry_out(CallHead& head, const SettleCall& op, bool has_unseen) {
    std::optional<UtcTime> due_at;
    if (const auto* again = std::get_if<SettleCall::Reschedule>(&op.then)) {
        due_at = has_unseen ? std::min(again->due_at, now_) : again->due_at;
        if (!head.has_record) {
            set_state(head, op.is_over ? CallState::settling : CallState::open, std::nullopt);
        }
    } else if (const auto* park = std::get_if<SettleCall::Park>(&op.then)) {
        set_state(head, CallState::parked, park->reason);
    } else if (const auto* late = std::get_if<SettleCall::NoteLate>(&op.then)) {
        if (late->is_conflict) {
            connection_.run("UPDATE calls SET is_late_conflict = 1 WHERE no = ?1", head.no);
        }
        if (has_unseen) due_at = now_;
    } else {
        set_state(head, CallState::out_of_scope, std::nullopt);
    }
    set_due(head, due_at);
}

StoreOutcome Operations::apply(const ReleaseCall& op) {
    auto head = find_exactly(op.call_id);
    if (!head) return Error{Errc::not_found, "no such call"};
    if (!head->is_held_by(op.fence)) return Error{Errc::conflict, "the claim was lost"};
    connection_.run("UPDATE calls SET lease_until_ms = NULL WHERE no = ?1", head->no);
    if (head->due_at) move_due_forward(*head, now_);
    return Done{};
}

StoreOutcome Operations::apply(const PutMetadata& op) {
    const std::string metadata = encode_metadata(op.metadata);
    connection_.run(
        "INSERT INTO call_metadata (call_id, metadata) VALUES (?1, ?2)"
        " ON CONFLICT (call_id) DO UPDATE SET metadata = excluded.metadata",
        op.call_id, metadata);
    auto head = find(op.call_id);
    if (!head || head->has_record) return Done{};
    if (!head->is_settling_on() && !head->waits_for_word()) return Done{};
    move_due_forward(*head, op.at);
    if (head->lease_until) {
        connection_.run("UPDATE calls SET is_touched = 1 WHERE no = ?1", head->no);
    }
    return Done{};
}

StoreOutcome Operations::apply(const PutCampaign& op) {
    connection_.run(
        "INSERT INTO campaigns (id, name, description) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description",
        op.campaign.id, op.campaign.name, op.campaign.description);
    return Done{};
}

StoreOutcome Operations::apply(const PutContact& op) {
    const std::string phone = normalize_phone_number(op.contact.phone);
    connection_.run(
        "INSERT INTO contacts (phone, name, campaign) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (phone) DO UPDATE SET name = excluded.name, campaign = excluded.campaign",
        phone, op.contact.name, op.contact.campaign);
    return Done{};
}

}  // namespace wrapup::sqlite
