// Intents: calls that we were asked to place.

#include <algorithm>

#include "base/json_string.hpp"
#include "core/placing/intent_machine.hpp"
#include "core/placing/list_plan.hpp"
#include "core/store/list_rules.hpp"
#include "core/store/store_rules.hpp"
#include "domain/number_spellings.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {

// ---- Rows ----

// A row that is here already is newer than what was loaded.
WorkingIntent* WorkingSet::take(std::optional<Intent> loaded) {
    if (!loaded) return nullptr;
    const auto is_it = [&](const WorkingIntent& one) { return one.intent.id == loaded->id; };
    const auto known = std::ranges::find_if(intents_, is_it);
    if (known != intents_.end()) return &*known;
    WorkingIntent& taken = intents_.emplace_back();
    taken.intent = *loaded;
    taken.stored = std::move(loaded);
    return &taken;
}

WorkingIntent* WorkingSet::find_intent(std::string_view id) {
    for (WorkingIntent& row : intents_) {
        if (row.intent.id == id) return &row;
    }
    return take(source_.load_intent(id));
}

WorkingIntent* WorkingSet::find_intent_of_key(std::string_view idempotency_key) {
    for (WorkingIntent& row : intents_) {
        if (row.intent.idempotency_key == idempotency_key) return &row;
    }
    return take(source_.load_intent_of_key(idempotency_key));
}

WorkingIntent* WorkingSet::find_intent_to(std::string_view number) {
    for (WorkingIntent& row : intents_) {
        if (row.intent.to == number && row.intent.holds_number()) return &row;
    }
    WorkingIntent* const row = take(source_.load_intent_to(number));
    return row != nullptr && row->intent.holds_number() ? row : nullptr;
}

std::int64_t WorkingSet::count_asked(std::string_view number, UtcTime since) {
    std::int64_t count = source_.count_asked(number, since);
    const auto is_meant = [&](const Intent& intent) {
        return intent.to == number && may_have_rung(intent) && *intent.asked_at >= since;
    };
    for (const WorkingIntent& row : intents_) {
        if (is_meant(row.intent)) count += 1;
        if (row.stored && is_meant(*row.stored)) count -= 1;
    }
    return count;
}

WorkingIntent& WorkingSet::make_intent(Intent intent) {
    WorkingIntent& row = intents_.emplace_back();
    row.intent = std::move(intent);
    return row;
}

// ---- Rules ----

namespace {

// Who answered, where the record alone tells it.
constexpr const char* machine = "machine";

IntentOutcome not_made(IntentRefusal refusal) {
    IntentOutcome outcome;
    outcome.refusal = refusal;
    return outcome;
}

// A number may be on the do-not-call list: nobody is rung, and who answers nonetheless gets no
// agent.
IntentNews guarded(WorkingSet& rows, const Intent& intent, const IntentNews& news) {
    const bool begins = std::holds_alternative<BeginAsking>(news);
    if (begins && !intent.list_id.empty()) {
        const DialListState state = state_for_attempt(rows, intent);
        if (state == DialListState::cancelled) return CancelWanted{};
        if (state == DialListState::paused) return ListPaused{};
    }
    const auto* const answered = std::get_if<CallAnswered>(&news);
    if ((!begins && answered == nullptr) || !rows.is_do_not_call(intent.to)) return news;
    if (begins) return PlacingRefused{std::string(number_listed), on_the_list, 0};
    CallAnswered unwanted = *answered;
    unwanted.is_do_not_call = true;
    return unwanted;
}

void follow_in_list(WorkingSet& rows, Intent& intent, const IntentNews& news, UtcTime now) {
    if (intent.list_id.empty()) return;
    const bool is_pause = std::holds_alternative<ListPaused>(news);
    if (is_pause && intent.state == IntentState::waiting) hold_list_attempt(rows, intent, now);
    const bool has_call = intent.is_under_way() || intent.state == IntentState::ended;
    if (has_call && !std::holds_alternative<BeginAsking>(news)) take_up_list_attempt(rows, intent);
    if (!intent.is_open()) end_list_attempt(rows, intent, now);
}

// What the record of an answered call without an agent is made from.
AppendEvent no_agent_event(const Intent& intent, const IntentStep& step, UtcTime now) {
    NewEvent event;
    event.kind = EventKind::placing_no_agent;
    event.call_sid = step.no_agent_sid;
    event.dedup_key = "no_agent";
    event.received_at = now;
    event.due_at = now;
    event.to = intent.to;
    event.payload = "{\"intent\":";
    append_json_string(event.payload, intent.id);
    event.payload += ",\"reason\":";
    append_json_string(event.payload, step.no_agent);
    event.payload += '}';
    return {std::move(event), nullptr};
}

// The agent is told what the record of its call will know.
void fill_for_agent(WorkingSet& rows, Intent& intent) {
    const CallMetadata known = rows.own_metadata({intent.owner_sid, {}, intent.to});
    if (intent.name.empty()) intent.name = known.name;
    if (intent.name.empty()) intent.name = known.contact_name;
    if (intent.campaign_name.empty()) intent.campaign_name = known.campaign_name;
}

}  // namespace

void list_number(WorkingSet& rows, DoNotCall entry, UtcTime now) {
    const std::string number = normalize_phone_number(entry.phone);
    rows.put(std::move(entry));
    for (const std::string& spelling : {number, other_spelling_of(number)}) {
        if (spelling.empty()) continue;
        const WorkingIntent* const holder = rows.find_intent_to(spelling);
        if (holder == nullptr) continue;
        // A conflict: somebody has answered.
        const CancelWanted wanted{std::string(number_listed)};
        (void)apply(rows, AdvanceIntent{holder->intent.id, wanted, 0}, now);
    }
}

void end_intent_of_call(WorkingSet& rows, const Call& call, const SettleCall& op, UtcTime now) {
    if (!op.is_over || call.call_sid.empty()) return;
    const std::string known =
        call.to.empty() ? rows.own_metadata({call.id, call.conversation_id, ""}).to : call.to;
    const WorkingIntent* const holder = rows.find_intent_to(normalize_phone_number(known));
    if (holder == nullptr || holder->intent.call_sid != call.call_sid) return;
    CallHeard end{call.call_sid, op.twilio_status, {}};
    const auto* const fixed = std::get_if<SettleCall::Fix>(&op.then);
    if (!end.status) {
        // Not by Twilio's own word: it is over when its record says so, and whoever answered has
        // completed it. Of one that nobody answered Twilio is asked.
        const bool was_answered = holder->intent.state == IntentState::answered ||
                                  (fixed != nullptr && deserves_summary(fixed->record.status));
        if (fixed == nullptr || !was_answered) return;
        end.status = CallStatus::completed;
    }
    if (fixed != nullptr && fixed->record.status == Outcome::voicemail) end.answered_by = machine;
    if (!holder->intent.answered_by.empty()) end.answered_by.clear();
    (void)apply(rows, AdvanceIntent{holder->intent.id, std::move(end), 0}, now);
}

StoreOutcome apply(WorkingSet& rows, const PutIntent& op, UtcTime now) {
    const Intent& asked = op.intent;
    if (!asked.idempotency_key.empty()) {
        const WorkingIntent* const first = rows.find_intent_of_key(asked.idempotency_key);
        if (first != nullptr) {
            if (first->intent.request_hash != asked.request_hash) {
                return not_made(IntentRefusal::key_reused);
            }
            IntentOutcome repeat;
            repeat.intent = first->intent;
            repeat.is_repeat = true;
            return repeat;
        }
    }
    // The same operation again, after an error that told nothing.
    if (const WorkingIntent* const same = rows.find_intent(asked.id)) {
        IntentOutcome repeat;
        repeat.intent = same->intent;
        repeat.is_repeat = true;
        return repeat;
    }
    if (rows.is_do_not_call(asked.to)) return not_made(IntentRefusal::do_not_call);
    if (op.is_outside_hours) return not_made(IntentRefusal::outside_hours);
    if (const WorkingIntent* const holder = rows.find_intent_to(asked.to)) {
        IntentOutcome outcome = not_made(IntentRefusal::already_open);
        outcome.intent = holder->intent;
        return outcome;
    }
    if (op.attempts_max > 0 && rows.count_asked(asked.to, op.attempts_since) >= op.attempts_max) {
        return not_made(IntentRefusal::too_many_attempts);
    }
    Intent made = asked;
    made.state = IntentState::waiting;
    made.version = 1;
    made.created_at = now;
    made.due_at = std::max(now, made.not_before.value_or(now));
    IntentOutcome outcome;
    outcome.intent = rows.make_intent(std::move(made)).intent;
    return outcome;
}

StoreOutcome apply(WorkingSet& rows, const AdvanceIntent& op, UtcTime now) {
    WorkingIntent* const row = rows.find_intent(op.id);
    if (row == nullptr) return Error{Errc::not_found, "no such intent"};
    if (op.seen_version != 0 && op.seen_version != row->intent.version) {
        return Error{Errc::conflict, "the intent has changed meanwhile"};
    }
    Intent moved = row->intent;
    IntentOutcome outcome;
    const IntentNews news = guarded(rows, moved, op.news);
    outcome.step = step(moved, news, now);
    if (outcome.step.kind == IntentStep::Kind::conflict) {
        return Error{Errc::conflict, "the intent is " + std::string(to_string(row->intent.state))};
    }
    if (moved != row->intent) {
        moved.version += 1;
        row->intent = std::move(moved);
        follow_in_list(rows, row->intent, news, now);
    }
    if (!outcome.step.bound_sid.empty()) {
        const PutMetadata given{outcome.step.bound_sid, intent_metadata(row->intent), now};
        (void)apply(rows, rows.keep(given), now);
    }
    if (!outcome.step.no_agent.empty()) {
        (void)apply(rows, rows.keep(no_agent_event(row->intent, outcome.step, now)), now);
    }
    outcome.intent = row->intent;
    if (outcome.step.asks_agent) fill_for_agent(rows, outcome.intent);
    return outcome;
}

}  // namespace wrapup
