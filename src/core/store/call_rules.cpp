#include "core/store/call_rules.hpp"

#include <algorithm>
#include <utility>

#include "core/store/claim_rules.hpp"
#include "core/store/store_rules.hpp"
#include "domain/callable_number.hpp"
#include "domain/facts.hpp"
#include "domain/liveliness.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

void fill(std::string& empty, const std::string& with) {
    if (empty.empty()) empty = with;
}

// What a call without a record takes over from the one that is merged into it.
void take_over_progress(WorkingSet& rows, WorkingCall& target, WorkingCall& source) {
    Call& to = target.call;
    const Call& from = source.call;
    fill(to.note, from.note);
    if (!to.ended_at) to.ended_at = from.ended_at;
    rows.load_progress_and_metadata(target);
    rows.load_progress_and_metadata(source);
    if (from.metadata) {
        to.metadata = to.metadata ? merge(*to.metadata, *from.metadata) : from.metadata;
    }
    if (to.progress == SettleProgress{}) to.progress = from.progress;
    if (liveliness(from.state) > liveliness(to.state)) target.set_state(from.state, from.parked);
    if (from.due_at) target.move_due_forward(*from.due_at);
}

void merge_into(WorkingSet& rows, WorkingCall& target, WorkingCall& source, UtcTime now) {
    WRAPUP_ASSERT(!source.has_record() && &target != &source);
    const auto moved_count = rows.move_events(source, target);
    if (moved_count > 0 && target.has_record()) target.move_due_forward(now);
    Call& to = target.call;
    Call& from = source.call;
    to.first_event_at = std::min(to.first_event_at, from.first_event_at);
    to.last_event_at = std::max(to.last_event_at, from.last_event_at);
    if (!to.created_at) to.created_at = from.created_at;
    // One of the two is known by its conversation only, the other is the CallSid's own.
    fill(to.call_sid, from.call_sid);
    fill(to.conversation_id, from.conversation_id);
    fill(to.to, from.to);
    fill(to.campaign, from.campaign);
    fill(to.name, from.name);
    const auto opt_out_at = std::exchange(source.unlisted_opt_out_at, std::nullopt);
    if (!target.unlisted_opt_out_at) target.unlisted_opt_out_at = opt_out_at;
    list_opt_out(rows, target, from.to, now);
    if (!target.has_record()) take_over_progress(rows, target, source);
    source.lease.until.reset();
    source.set_state(CallState::merged);
    from.due_at.reset();
    from.merged_into = to.id;
}

// The two are one call. The one that has a record keeps its identity, else the CallSid's does. Of
// two calls with records both survive, because nothing can be unsent; so do two with more events
// than one call should have. True when they were merged.
bool join(WorkingSet& rows, WorkingCall& of_sid, WorkingCall& of_conversation, UtcTime now) {
    const std::int64_t count = of_sid.call.events_count + of_conversation.call.events_count;
    if (count >= events_per_call_max / 2) return false;
    if (!of_conversation.has_record()) {
        merge_into(rows, of_sid, of_conversation, now);
    } else if (!of_sid.has_record()) {
        merge_into(rows, of_conversation, of_sid, now);
    } else {
        of_sid.call.is_late_conflict = true;  // One call, two records: a person has to know.
        return false;
    }
    return true;
}

// Whether a conversation that ended then was not in the call's life. It may have ended long before
// the call, which was handed on to somebody.
bool is_of_another_time(std::optional<UtcTime> ended_at, const Call& call,
                        std::optional<seconds> length) {
    if (!ended_at || !call.ended_at) return false;
    UtcTime began_at = std::min(call.first_event_at, call.created_at.value_or(call.first_event_at));
    if (length) {
        constexpr seconds a_day = std::chrono::hours{24};
        began_at = std::min<UtcTime>(began_at, *call.ended_at - std::min(*length, a_day));
    }
    return *ended_at < began_at - same_call_within || *ended_at > *call.ended_at + same_call_within;
}

}  // namespace

Error no_place() { return {Errc::unavailable, "the call has as many events as a call can have"}; }

void note_created(CallRow& row, UtcTime created_at, UtcTime heard_at) {
    constexpr UtcTime earliest = from_unix_s(1'199'145'600);  // 2008: there was no Twilio before.
    constexpr std::chrono::hours skew_max{24};
    const bool can_be_true = created_at >= earliest && created_at <= heard_at + skew_max;
    if (!row.call.created_at && can_be_true) row.call.created_at = created_at;
}

void list_opt_out(WorkingSet& rows, WorkingCall& row, const std::string& number, UtcTime now) {
    if (!row.unlisted_opt_out_at) return;
    const Call& call = row.call;
    const std::string known = is_callable(normalize_phone_number(call.to))
                                  ? call.to
                                  : rows.own_metadata({call.id, call.conversation_id, ""}).to;
    for (const std::string& phone : {number, known}) {
        if (!is_callable(normalize_phone_number(phone))) continue;
        DoNotCall entry{phone, "said so to the agent", call.id, *row.unlisted_opt_out_at};
        row.unlisted_opt_out_at.reset();
        list_number(rows, std::move(entry), now);
        return;
    }
}

bool add_event(WorkingSet& rows, WorkingCall& row, const NewEvent& event, UtcTime now) {
    if (rows.has_event(row, event.dedup_key)) return false;
    row.call.events_count += 1;
    row.call.last_event_at = std::max(row.call.last_event_at, event.received_at);
    if (event.created_at) note_created(row, *event.created_at, event.received_at);
    fill(row.call.to, event.to);
    if (event.opts_out && !row.unlisted_opt_out_at) row.unlisted_opt_out_at = event.received_at;
    list_opt_out(rows, row, event.to, now);
    row.arrived.push_back({row.call.events_count, row.has_record(), &event, {}, {}});
    return true;
}

bool join_by_ids(WorkingSet& rows, WorkingCall& row, std::string_view call_sid,
                 std::string_view conversation_id, UtcTime now) {
    if (!call_sid.empty() && row.is_known_by_conversation_only()) {
        WorkingCall* other = rows.find_by_identity(call_sid);
        if (other == nullptr) {
            other = &rows.make_call(call_sid, row.call.first_event_at);
            other->call.call_sid = call_sid;
        }
        return join(rows, *other, row, now);
    }
    if (conversation_id.empty() || conversation_id == row.call.conversation_id) return false;
    WorkingCall* const owner = rows.find(conversation_id);
    if (owner == nullptr) {
        rows.link(conversation_id, row);
        if (row.call.conversation_id.empty()) row.call.conversation_id = conversation_id;
        return false;
    }
    if (owner == &row || !owner->is_known_by_conversation_only() ||
        row.is_known_by_conversation_only()) {
        return false;
    }
    return join(rows, row, *owner, now);
}

bool join_named(WorkingSet& rows, WorkingCall& row, const std::string& conversation_id,
                std::optional<seconds> length, UtcTime now) {
    if (!conversation_id.empty() && conversation_id != row.call.conversation_id) {
        const WorkingCall* const owner = rows.find(conversation_id);
        const bool is_anothers =
            owner != nullptr && (is_of_another_time(owner->call.ended_at, row.call, length) ||
                                 !may_be_same_number(owner->call.to, row.call.to));
        if (is_anothers) return false;
    }
    return join_by_ids(rows, row, {}, conversation_id, now);
}

void settle_anew(WorkingCall& survivor, UtcTime now) {
    survivor.move_due_forward(now);
    if (!survivor.has_record() && survivor.can_come_back()) survivor.set_state(CallState::open);
}

namespace {

std::optional<milliseconds> keeps(const WorkingSet& rows, const std::optional<SettleCall>& answer,
                                  DueCallSettler& settler) {
    if (answer || rows.has_failed()) return std::nullopt;
    return settler.keep_claim();
}

// The claim and its answer in one; or the claim alone, where the settler has to ask somebody.
void settle_due(WorkingSet& rows, WorkingCall& row, DueCallSettler& settler, Appended& appended,
                UtcTime now) {
    if (refuse_claim(row, now)) return;
    auto events = rows.events_of(row);
    if (!events) return;
    rows.load_progress_and_metadata(row);
    const Lease lease = row.lease;
    const bool was_touched = row.is_touched;
    begin_claim(row, now, milliseconds{0}, rows.holder());
    const auto own = [&rows](const MetadataKey& key) { return rows.own_metadata(key); };
    auto answer = settler.settle({row.call, row.lease.fence, *std::move(events)}, own, now);
    if (answer && !rows.has_failed()) {
        auto outcome = apply(rows, rows.keep(*std::move(answer)), now);
        if (outcome) appended.settled = std::get<Settled>(*std::move(outcome));
    } else if (const auto kept_for = keeps(rows, answer, settler)) {
        row.lease.until = now + *kept_for;
        appended.is_claimed = true;
        appended.is_due = false;
        return;
    }
    if (!appended.settled) {
        row.lease = lease;
        row.is_touched = was_touched;
        return;
    }
    appended.is_due = appended.settled->is_due;
}

}  // namespace

StoreOutcome apply(WorkingSet& rows, const AppendEvent& op, UtcTime now) {
    const NewEvent& event = op.event;
    if (event.call_sid.empty() && event.conversation_id.empty()) {
        return Error{Errc::invalid_input, "an event needs a CallSid or a conversation id"};
    }
    const bool has_sid = !event.call_sid.empty();
    const std::string& id = has_sid ? event.call_sid : event.conversation_id;
    WorkingCall* row = has_sid ? rows.find_by_identity(id) : rows.find(id);
    if (row != nullptr && !row->has_place_for(1) && !rows.has_event(*row, event.dedup_key)) {
        return no_place();
    }
    Appended appended;
    appended.is_new_call = row == nullptr && (event.conversation_id.empty() ||
                                              rows.find(event.conversation_id) == nullptr);
    if (row == nullptr) {
        row = &rows.make_call(id, event.received_at);
        row->call.call_sid = event.call_sid;
        if (!has_sid) {
            row->call.conversation_id = event.conversation_id;
            // To itself, so that another node that links the conversation meanwhile collides.
            rows.link(id, *row);
        }
    }
    if (join_by_ids(rows, *row, {}, event.conversation_id, now)) row = &rows.survivor_of(*row);
    Call& call = row->call;
    appended.call_id = call.id;
    if (!add_event(rows, *row, event, now)) {
        appended.is_repeat = true;
        return appended;
    }
    if (row->has_record()) {
        appended.is_late = true;
        row->move_due_forward(now);
    } else if (row->is_settling_on()) {
        row->move_due_forward(event.due_at);
    } else if (event.is_ours && row->can_come_back()) {
        row->set_state(CallState::open);
        call.due_at = event.due_at;
    }
    appended.is_due = call.due_at && *call.due_at <= now;
    if (appended.is_due && op.settler != nullptr)
        settle_due(rows, *row, *op.settler, appended, now);
    return appended;
}

}  // namespace wrapup
