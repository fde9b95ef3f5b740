#include "core/settle/settle_answer.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "core/settle/conversation_match.hpp"
#include "core/settle/fold.hpp"
#include "domain/callable_number.hpp"
#include "domain/plain_text.hpp"
#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

constexpr std::string_view dry_run = "a dry run of wrapup trigger: no destination is told";
constexpr std::string_view nobody_wants_it =
    "no destination wants a record of this outcome or campaign";

bool is_elevenlabs(const Observation& said) {
    return std::holds_alternative<Conversation>(said) ||
           std::holds_alternative<InitiationFailure>(said);
}

// By what Twilio says of the call it is told whether it is about it.
bool names_call_surely(const ObservedEvent& event) {
    const auto* const conversation = std::get_if<Conversation>(&event.said);
    if (conversation != nullptr) return conversation->has_own_call_sid;
    const auto* const failure = std::get_if<InitiationFailure>(&event.said);
    return failure == nullptr || !failure->call_sid.empty();
}

Facts facts_by_twilio(std::vector<ObservedEvent> observed) {
    std::erase_if(observed, [](const ObservedEvent& event) { return is_elevenlabs(event.said); });
    return fold(observed);
}

// What was said of another call is kept with the events, and is no fact of this one.
void refold(KnownCall& known) {
    const Call& call = known.claim.call;
    CallMarks marks;
    if (!std::ranges::all_of(known.observed, names_call_surely)) {
        marks = marks_of(facts_by_twilio(known.observed), known.metadata.agent_id);
    }
    marks.call_sid = call.call_sid;
    const auto is_strangers = [&](const ObservedEvent& event) {
        return !may_be_of(event.said, marks);
    };
    known.has_strangers = std::ranges::any_of(known.observed, is_strangers);
    if (known.has_strangers) {
        std::vector<ObservedEvent> own = known.observed;
        std::erase_if(own, is_strangers);
        known.facts = fold(own);
    } else {
        known.facts = fold(known.observed);
    }
    if (!call.call_sid.empty()) known.facts.call_sid = call.call_sid;
    if (known.facts.conversation_id.empty()) known.facts.conversation_id = call.conversation_id;
}

std::optional<CallStatus> twilio_status(const Facts& facts) {
    if (!facts.terminal || facts.terminal->authority == Authority::elevenlabs) return std::nullopt;
    return facts.terminal->status;
}

void shift(SettleProgress& progress, milliseconds by) {
    for (auto* const at :
         {&progress.first_event_at, &progress.metadata_first_asked_at,
          &progress.metadata_resolved_at, &progress.metadata_next_at,
          &progress.conversation_asked_at, &progress.conversation_not_before,
          &progress.twilio_asked_at, &progress.twilio_running_at, &progress.workable_again_at}) {
        if (*at) **at += by;
    }
}

// Without `then`.
SettleCall findings_of(const KnownCall& known) {
    SettleCall answer;
    answer.call_id = known.claim.call.id;
    answer.fence = known.claim.fence;
    answer.seen_events_count = known.claim.call.events_count;
    answer.events = known.found_events;
    answer.progress = known.progress;
    const bool is_marked = known.progress == SettleProgress{} || known.progress.first_event_at;
    if (!is_marked && !known.observed.empty()) {
        answer.progress.first_event_at = known.observed.front().received_at;
    }
    if (known.progress.metadata_resolved_at || known.metadata != CallMetadata{}) {
        answer.metadata = known.metadata;
    }
    answer.conversation_id =
        known.conversation_id.empty() ? known.metadata.conversation_id : known.conversation_id;
    answer.to = plain_text(other_party(known.facts));
    answer.campaign = known.metadata.campaign_name;
    answer.name = known.metadata.name.empty() ? known.metadata.contact_name : known.metadata.name;
    answer.is_over = is_over(known.facts);
    if (answer.is_over) answer.ended_at = ended_at(known.facts);
    answer.twilio_status = twilio_status(known.facts);
    return answer;
}

SettleCall fix(const KnownCall& known, std::string_view note, const RecordRoutes& routes) {
    SettleCall answer = findings_of(known);
    SettleCall::Fix fixing;
    fixing.record = make_record(known.facts, known.metadata);
    fixing.body = render_record(fixing.record);
    const bool is_dry = is_dry_sample_call(known.facts.call_sid);
    if (!is_dry) {
        fixing.deliveries =
            deliveries_of(answer.call_id, fixing.record.status, known.metadata, routes);
    }
    answer.name = fixing.record.name;
    answer.note = fixing.deliveries.empty() ? (is_dry ? dry_run : nobody_wants_it) : note;
    answer.then = std::move(fixing);
    return answer;
}

}  // namespace

KnownCall::KnownCall(ClaimedCall claimed, std::vector<ObservedEvent> events, UtcTime now)
    : claim(std::move(claimed)), observed(std::move(events)), progress(claim.call.progress) {
    bring_in(progress, observed, now);
    if (claim.call.metadata) metadata = *claim.call.metadata;
    refold(*this);
}

void KnownCall::take(NewEvent event, std::optional<Observation> said) {
    if (said) observed.push_back({event.kind, event.received_at, *std::move(said)});
    found_events.push_back(std::move(event));
    refold(*this);
}

void KnownCall::take_metadata(const CallMetadata& found) {
    const bool is_agent_new = metadata.agent_id.empty() && !found.agent_id.empty();
    metadata = merge(found, metadata);
    if (is_agent_new) refold(*this);
}

void KnownCall::clock_was_set(milliseconds by, UtcTime now) {
    if (observed.empty()) return;
    const UtcTime first_event_at = observed.front().received_at;
    const bool was_moved = by > milliseconds{0} || first_event_at > now;
    if (!was_moved) return;
    if (!progress.first_event_at) progress.first_event_at = first_event_at;
    shift(progress, by);
}

SettleQuestion KnownCall::question() const {
    SettleQuestion asked{facts, progress, metadata};
    for (const ObservedEvent& event : observed) {
        const bool is_otel = event.kind == EventKind::elevenlabs_otel;
        if (is_otel && !asked.told_over_at) asked.told_over_at = event.received_at;
        const auto* const report = std::get_if<StatusReport>(&event.said);
        const bool is_taken = report != nullptr && report->status == CallStatus::in_progress;
        asked.is_answered = asked.is_answered || is_taken;
    }
    return asked;
}

MetadataKey KnownCall::metadata_key() const {
    MetadataKey key;
    key.call_id = facts.call_sid.empty() ? facts.conversation_id : facts.call_sid;
    key.conversation_id = facts.conversation_id;
    key.to = contact_number();
    key.is_inbound = facts.direction == Direction::inbound;
    return key;
}

std::string KnownCall::contact_number() const {
    const std::string& told = other_party(facts);
    std::string number = callable_number(told, {});
    // Whoever took the event in can read what is written as in its country.
    const std::string& taken = claim.call.to;
    const bool is_read = !is_callable(number) && is_callable(taken);
    if (!told.empty() && is_read && may_be_same_number(told, taken)) return taken;
    return number;
}

SettleCall put_back(const KnownCall& known, UtcTime due_at) {
    SettleCall answer = findings_of(known);
    answer.then = SettleCall::Reschedule{due_at};
    return answer;
}

void bring_in(SettleProgress& progress, std::span<const ObservedEvent> observed, UtcTime now) {
    const bool was_set = progress.first_event_at && !observed.empty() &&
                         std::ranges::find(observed, *progress.first_event_at,
                                           &ObservedEvent::received_at) == observed.end();
    if (was_set) shift(progress, observed.front().received_at - *progress.first_event_at);
    // The clock is just being set, and the events have moved already, or will.
    if (!observed.empty() && observed.front().received_at > now) return;
    UtcTime latest = now;
    for (const auto& past : {progress.metadata_first_asked_at, progress.metadata_resolved_at,
                             progress.conversation_asked_at, progress.twilio_asked_at,
                             progress.twilio_running_at, progress.workable_again_at}) {
        if (past) latest = std::max(latest, *past);
    }
    shift(progress, now - latest);
    if (!observed.empty() && progress.first_event_at) {
        progress.first_event_at = observed.front().received_at;
    }
}

SettleCall answer_of(const KnownCall& known, const SettleStep& step, const RecordRoutes& routes) {
    if (const auto* fixing = std::get_if<FixRecord>(&step)) return fix(known, fixing->note, routes);
    if (const auto* wait = std::get_if<WaitUntil>(&step)) return put_back(known, wait->due_at);
    SettleCall answer = findings_of(known);
    if (const auto* park = std::get_if<ParkCall>(&step)) {
        answer.then = SettleCall::Park{park->reason};
        return answer;
    }
    const auto* ignore = std::get_if<IgnoreCall>(&step);
    WRAPUP_ASSERT(ignore != nullptr);
    answer.note = ignore->note;
    answer.then = SettleCall::Ignore{};
    return answer;
}

SettleCall late_answer_of(const KnownCall& known) {
    const Call& call = known.claim.call;
    SettleCall answer;
    answer.call_id = call.id;
    answer.fence = known.claim.fence;
    answer.seen_events_count = call.events_count;
    answer.progress = call.progress;
    answer.is_over = is_over(known.facts);
    answer.twilio_status = twilio_status(known.facts);
    SettleCall::NoteLate late;
    late.is_conflict =
        answer.is_over && contradicts(make_record(known.facts, known.metadata), call);
    answer.then = late;
    return answer;
}

}  // namespace wrapup
