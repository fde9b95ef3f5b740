// Events, their calls, and calls that turn out to be one.

#include <algorithm>

#include "adapters/sqlite/operations.hpp"
#include "codec/state_json.hpp"
#include "domain/liveliness.hpp"
#include "domain/phone_number.hpp"

namespace wrapup::sqlite {
namespace {

void fill(std::string& empty, const std::string& with) {
    if (empty.empty()) empty = with;
}

}  // namespace

ClaimedCall claim_call_row(Connection& connection, std::int64_t no, UtcTime lease_until) {
    CallRow row;
    {
        Query query = connection.query(
            "UPDATE calls SET fence = fence + 1, lease_until_ms = ?2, is_touched = 0"
            " WHERE no = ?1 RETURNING " WRAPUP_CALL_COLUMNS,
            no, lease_until);
        if (query.next()) row = read_call(connection, query);
        while (query.next()) {
        }
    }
    return {std::move(row.call), row.fence, read_events(connection, no)};
}

// ---- Finding and making calls ----

std::optional<CallHead> Operations::find_exactly(std::string_view id) {
    Query query =
        connection_.query("SELECT " WRAPUP_CALL_HEAD_COLUMNS " FROM calls WHERE id = ?1", id);
    if (!query.next()) return std::nullopt;
    return read_head(connection_, query);
}

std::optional<CallHead> Operations::find_by_conversation(std::string_view conversation_id) {
    Query query = connection_.query(
        "SELECT " WRAPUP_CALL_HEAD_COLUMNS
        " FROM calls WHERE no = (SELECT call_no FROM links WHERE conversation_id = ?1)",
        conversation_id);
    if (!query.next()) return std::nullopt;
    return read_head(connection_, query);
}

CallHead Operations::follow(CallHead head) {
    while (head.state == CallState::merged && !connection_.has_failed()) {
        auto next = find_exactly(head.merged_into);
        if (!next) {
            connection_.fail_corrupt("a call was merged into one that is not there");
            break;
        }
        head = *std::move(next);
    }
    return head;
}

std::optional<CallHead> Operations::find_by_sid(std::string_view call_sid) {
    auto head = find_exactly(call_sid);
    if (head) return follow(*std::move(head));
    return std::nullopt;
}

std::optional<CallHead> Operations::find(std::string_view any_id) {
    auto head = find_exactly(any_id);
    if (!head) head = find_by_conversation(any_id);
    if (head) return follow(*std::move(head));
    return std::nullopt;
}

// Out of scope and not due until an event says more.
CallHead Operations::head_of(const NewEvent& event) {
    CallHead head;
    head.id = event.call_sid.empty() ? event.conversation_id : event.call_sid;
    head.state = CallState::out_of_scope;
    head.call_sid = event.call_sid;
    head.first_event_at = event.received_at;
    head.last_event_at = event.received_at;
    return head;
}

void Operations::insert_call(CallHead& head) {
    const std::string phone = normalize_phone_number(head.to);
    connection_.run(
        "INSERT INTO calls (id, state, call_sid, conversation_id, to_number, phone,"
        " first_event_at_ms, last_event_at_ms, due_at_ms, events_count)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        head.id, head.state, head.call_sid, head.conversation_id, head.to, phone,
        head.first_event_at, head.last_event_at, head.due_at, head.events_count);
    head.no = connection_.last_row_id();
    if (head.conversation_id.empty()) return;
    connection_.run("INSERT INTO links (conversation_id, call_no) VALUES (?1, ?2)",
                    head.conversation_id, head.no);
}

bool Operations::insert_event(const CallHead& head, const NewEvent& event, std::int64_t seq) {
    return 0 < connection_.run(
                   "INSERT INTO events (place, call_no, kind, received_at_ms, is_late, dedup_key,"
                   " payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                   " ON CONFLICT (call_no, dedup_key) DO NOTHING",
                   place_of(head.no, seq), head.no, event.kind, event.received_at, head.has_record,
                   event.dedup_key, event.payload);
}

bool Operations::has_event(const CallHead& head, const NewEvent& event) {
    Query query = connection_.query("SELECT 1 FROM events WHERE call_no = ?1 AND dedup_key = ?2",
                                    head.no, event.dedup_key);
    return query.next();
}

// False when it is a repeat. Any other event has a place: the caller has seen to that. The counts
// are written by save_count.
bool Operations::add_event(CallHead& head, const NewEvent& event) {
    const std::int64_t seq = head.events_count + 1;
    if (!has_place(head, 1)) {
        if (!has_event(head, event)) connection_.fail(SQLITE_FULL);
        return false;
    }
    if (!insert_event(head, event, seq)) return false;
    head.events_count = seq;
    head.last_event_at = std::max(head.last_event_at, event.received_at);
    if (head.to.empty()) set_to(head, event.to);
    return true;
}

void Operations::save_count(const CallHead& head) {
    connection_.run("UPDATE calls SET events_count = ?2, last_event_at_ms = ?3 WHERE no = ?1",
                    head.no, head.events_count, head.last_event_at);
}

void Operations::set_due(CallHead& head, std::optional<UtcTime> due_at) {
    if (head.due_at == due_at) return;
    head.due_at = due_at;
    connection_.run("UPDATE calls SET due_at_ms = ?2 WHERE no = ?1", head.no, due_at);
}

void Operations::move_due_forward(CallHead& head, UtcTime at) {
    if (!head.due_at || at < *head.due_at) set_due(head, at);
}

void Operations::set_state(CallHead& head, CallState state, std::optional<ParkReason> parked) {
    if (head.state == state && head.parked == parked) return;
    head.state = state;
    head.parked = parked;
    connection_.run("UPDATE calls SET state = ?2, parked = ?3 WHERE no = ?1", head.no, state,
                    parked);
}

void Operations::set_to(CallHead& head, const std::string& to) {
    if (to.empty() || to == head.to) return;
    head.to = to;
    const std::string phone = normalize_phone_number(to);
    connection_.run("UPDATE calls SET to_number = ?2, phone = ?3 WHERE no = ?1", head.no, to,
                    phone);
}

// ---- Appending ----

StoreOutcome Operations::apply(const AppendEvent& op) {
    const NewEvent& event = op.event;
    if (event.call_sid.empty() && event.conversation_id.empty()) {
        return Error{Errc::invalid_input, "an event needs a CallSid or a conversation id"};
    }
    auto found = event.call_sid.empty() ? find(event.conversation_id) : find_by_sid(event.call_sid);
    const bool is_known = found || (!event.call_sid.empty() && !event.conversation_id.empty() &&
                                    find(event.conversation_id));
    if (!is_known) return append_first(event);
    if (found && !has_place(*found, 1) && !has_event(*found, event)) return no_place();
    CallHead head = found ? *std::move(found) : head_of(event);
    if (!found) insert_call(head);
    if (join_by_ids(head, {}, event.conversation_id)) head = survivor_of(head);
    Appended appended;
    appended.call_id = head.id;
    if (!add_event(head, event)) {
        appended.is_repeat = true;
        return appended;
    }
    save_count(head);
    if (head.has_record) {
        appended.is_late = true;
        move_due_forward(head, now_);
    } else if (head.is_settling_on()) {
        move_due_forward(head, event.due_at);
    } else if (event.is_ours && head.can_come_back()) {
        set_state(head, CallState::open, std::nullopt);
        set_due(head, event.due_at);
    }
    appended.is_due = head.due_at && *head.due_at <= now_;
    return appended;
}

Appended Operations::append_first(const NewEvent& event) {
    CallHead head = head_of(event);
    head.conversation_id = event.conversation_id;
    head.to = event.to;
    head.events_count = 1;
    if (event.is_ours) {
        head.state = CallState::open;
        head.due_at = event.due_at;
    }
    insert_call(head);
    insert_event(head, event, 1);
    Appended appended;
    appended.call_id = head.id;
    appended.is_new_call = true;
    appended.is_due = head.due_at && *head.due_at <= now_;
    return appended;
}

// ---- Merging ----

CallHead Operations::survivor_of(const CallHead& head) {
    auto now = find_exactly(head.id);
    return now ? follow(*std::move(now)) : head;
}

// The two are one call. The one that has a record keeps its identity, else the CallSid's does. Of
// two calls with records both survive, because nothing can be unsent.
void Operations::join(const CallHead& of_sid, const CallHead& of_conversation) {
    if (!of_conversation.has_record) {
        merge_into(of_sid, of_conversation);
    } else if (!of_sid.has_record) {
        merge_into(of_conversation, of_sid);
    }
}

Call Operations::read_whole(std::int64_t no) {
    Query query = connection_.query("SELECT " WRAPUP_CALL_COLUMNS " FROM calls WHERE no = ?1", no);
    if (!query.next()) return {};
    return read_call(connection_, query).call;
}

// Returns how many were no repeats there.
std::int64_t Operations::move_events(std::int64_t target_no, std::int64_t source_no, bool is_late,
                                     std::int64_t events_count) {
    std::vector<std::int64_t> places;
    {
        Query query = connection_.query(
            "SELECT place FROM events WHERE place > ?1 AND place < ?2 ORDER BY place",
            place_of(source_no, 0), place_of(source_no + 1, 0));
        while (query.next()) places.push_back(query.integer(0));
    }
    std::int64_t moved = 0;
    if (events_count + std::ssize(places) >= events_per_call_max) {
        connection_.fail(SQLITE_FULL);  // Nothing is acknowledged rather than anything lost.
        return 0;
    }
    for (const std::int64_t place : places) {
        moved += connection_.run(
            "INSERT INTO events (place, call_no, kind, received_at_ms, is_late, dedup_key, payload)"
            " SELECT ?1, ?2, kind, received_at_ms, ?3, dedup_key, payload FROM events"
            " WHERE place = ?4 ON CONFLICT (call_no, dedup_key) DO NOTHING",
            place_of(target_no, events_count + moved + 1), target_no, is_late, place);
    }
    connection_.run("DELETE FROM events WHERE place > ?1 AND place < ?2", place_of(source_no, 0),
                    place_of(source_no + 1, 0));
    return moved;
}

void Operations::merge_into(const CallHead& target, const CallHead& source) {
    WRAPUP_ASSERT(!source.has_record && target.no != source.no);
    Call to = read_whole(target.no);
    const Call from = read_whole(source.no);
    const auto moved = move_events(target.no, source.no, target.has_record, to.events_count);
    to.events_count += moved;
    if (moved > 0 && target.has_record) to.due_at = std::min(to.due_at.value_or(now_), now_);
    to.first_event_at = std::min(to.first_event_at, from.first_event_at);
    to.last_event_at = std::max(to.last_event_at, from.last_event_at);
    // One of the two is known by its conversation only, the other is the CallSid's own.
    fill(to.call_sid, from.call_sid);
    fill(to.conversation_id, from.conversation_id);
    fill(to.to, from.to);
    fill(to.campaign, from.campaign);
    fill(to.name, from.name);
    if (!target.has_record) {
        fill(to.note, from.note);
        if (!to.ended_at) to.ended_at = from.ended_at;
        if (to.metadata && from.metadata) {
            to.metadata = merge(*to.metadata, *from.metadata);
        } else if (from.metadata) {
            to.metadata = from.metadata;
        }
        if (to.progress == SettleProgress{}) to.progress = from.progress;
        if (liveliness(from.state) > liveliness(to.state)) {
            to.state = from.state;
            to.parked = from.parked;
        }
        if (from.due_at && (!to.due_at || *from.due_at < *to.due_at)) to.due_at = from.due_at;
    }
    write_survivor(target.no, to);
    connection_.run("UPDATE links SET call_no = ?2 WHERE call_no = ?1", source.no, target.no);
    connection_.run(
        "UPDATE calls SET state = ?2, parked = NULL, merged_into = ?3, due_at_ms = NULL,"
        " lease_until_ms = NULL, events_count = 0 WHERE no = ?1",
        source.no, CallState::merged, target.id);
}

void Operations::write_survivor(std::int64_t no, const Call& call) {
    const std::string progress =
        call.progress == SettleProgress{} ? std::string{} : encode_progress(call.progress);
    std::optional<std::string> metadata;
    if (call.metadata) metadata = encode_metadata(*call.metadata);
    connection_.run(
        "UPDATE calls SET state = ?2, parked = ?3, call_sid = ?4, conversation_id = ?5,"
        " to_number = ?6, phone = ?7, campaign = ?8, name = ?9, first_event_at_ms = ?10,"
        " last_event_at_ms = ?11, ended_at_ms = ?12, due_at_ms = ?13, events_count = ?14,"
        " note = ?15, progress = ?16, metadata = ?17 WHERE no = ?1",
        no, call.state, call.parked, call.call_sid, call.conversation_id, call.to,
        normalize_phone_number(call.to), call.campaign, call.name, call.first_event_at,
        call.last_event_at, call.ended_at, call.due_at, call.events_count, call.note, progress,
        metadata);
}

void Operations::link(const std::string& conversation_id, CallHead& head) {
    connection_.run("INSERT INTO links (conversation_id, call_no) VALUES (?1, ?2)", conversation_id,
                    head.no);
    if (!head.conversation_id.empty()) return;
    head.conversation_id = conversation_id;
    connection_.run("UPDATE calls SET conversation_id = ?2 WHERE no = ?1", head.no,
                    conversation_id);
}

// Links the call with a CallSid or a conversation that turned out to be its own. True when that
// merged it with another call: then its head is out of date.
bool Operations::join_by_ids(CallHead& head, const std::string& call_sid,
                             const std::string& conversation_id) {
    if (connection_.has_failed()) return false;
    if (!call_sid.empty() && head.is_known_by_conversation_only()) {
        auto other = find_by_sid(call_sid);
        if (!other) {
            NewEvent first;
            first.call_sid = call_sid;
            first.received_at = head.first_event_at;
            other = head_of(first);
            insert_call(*other);
        }
        if (connection_.has_failed()) return false;
        join(*other, head);
        return !(other->has_record && head.has_record);
    }
    if (conversation_id.empty()) return false;
    const auto owner = find(conversation_id);
    if (!owner) {
        link(conversation_id, head);
        return false;
    }
    if (owner->no == head.no || !owner->is_known_by_conversation_only() ||
        head.is_known_by_conversation_only()) {
        return false;
    }
    join(head, *owner);
    return !(owner->has_record && head.has_record);
}

}  // namespace wrapup::sqlite
