#include "core/store/store_rules.hpp"

#include "core/store/call_rules.hpp"
#include "core/store/replay_rules.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {

std::vector<StoreOutcome> apply(WorkingSet& rows, std::span<const StoreOp> ops, UtcTime now) {
    std::vector<StoreOutcome> outcomes;
    outcomes.reserve(ops.size());
    for (const StoreOp& op : ops) {
        outcomes.push_back(std::visit([&](const auto& one) { return apply(rows, one, now); }, op));
        if (rows.has_failed()) return outcomes;
    }
    end_replays(rows, now);
    return outcomes;
}

namespace {

// A conversation that tells no CallSid (of a SIP trunk) finds by its own id what was handed over
// for the call that names it, unless something was handed over for the conversation itself.
void hand_to_conversation(WorkingSet& rows, const PutMetadata& op, UtcTime now) {
    const std::string& id = op.metadata.conversation_id;
    const auto before = rows.handed_over(op.call_id);
    const auto put = [&](const std::string& to, const CallMetadata& metadata) {
        const auto known = rows.handed_over(to);
        const bool is_its = !known || known == CallMetadata{} || known == before;
        if (is_its) (void)apply(rows, rows.keep(PutMetadata{to, metadata, op.at}), now);
    };
    const std::string old_id = before ? before->conversation_id : std::string();
    if (!old_id.empty() && old_id != id && old_id != op.call_id) put(old_id, {});
    if (!id.empty() && id != op.call_id) put(id, op.metadata);
}

// The settler asks for the metadata of a call that is over once more, just before its record is
// fixed: too late for a conversation that has a record of its own by then.
bool join_over(WorkingSet& rows, WorkingCall& row, const PutMetadata& op, UtcTime now) {
    const Call& call = row.call;
    const bool is_over = call.ended_at || row.has_record();
    if (!is_over || row.is_known_by_conversation_only() || !call.conversation_id.empty()) {
        return false;
    }
    const std::optional<seconds> length =
        call.duration_s ? std::optional(seconds{*call.duration_s}) : std::nullopt;
    return join_named(rows, row, op.metadata.conversation_id, length, now);
}

}  // namespace

StoreOutcome apply(WorkingSet& rows, const PutMetadata& op, UtcTime now) {
    hand_to_conversation(rows, op, now);
    rows.put(op);
    WorkingCall* const row = rows.find(op.call_id);
    if (row == nullptr) return Done{};
    list_opt_out(rows, *row, op.metadata.to, now);
    if (join_over(rows, *row, op, now)) settle_anew(rows.survivor_of(*row), now);
    if (row->has_record()) return Done{};
    if (!row->is_settling_on() && !row->waits_for_word()) return Done{};
    row->move_due_forward(op.at);
    if (row->lease.until) row->is_touched = true;
    return Done{};
}

StoreOutcome apply(WorkingSet& rows, const PutCampaign& op, UtcTime) {
    rows.put(op);
    return Done{};
}

StoreOutcome apply(WorkingSet& rows, const PutContact& op, UtcTime) {
    Contact contact = op.contact;
    contact.phone = normalize_phone_number(op.contact.phone);
    rows.put(std::move(contact));
    return Done{};
}

StoreOutcome apply(WorkingSet& rows, const PutDoNotCall& op, UtcTime now) {
    for (const DoNotCall& entry : op.entries) {
        if (!normalize_phone_number(entry.phone).empty()) continue;
        return Error{Errc::invalid_input, "a phone number is missing"};
    }
    for (const DoNotCall& entry : op.entries) list_number(rows, entry, now);
    return Done{};
}

StoreOutcome apply(WorkingSet& rows, const DropDoNotCall& op, UtcTime) {
    if (rows.drop_do_not_call(op.phone)) return Done{};
    return Error{Errc::not_found, "the number is not on the do-not-call list"};
}

StoreOutcome apply(WorkingSet& rows, const NoteReconciliation& op, UtcTime) {
    rows.put(op);
    return Done{};
}

StoreOutcome apply(WorkingSet& rows, const NoteAction& op, UtcTime) {
    rows.put(op);
    return Done{};
}

StoreOutcome apply(WorkingSet& rows, const Probe&, UtcTime) {
    rows.probe();
    return Done{};
}

}  // namespace wrapup
