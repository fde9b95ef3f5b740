#include "service/intake/intake.hpp"

#include "domain/callable_number.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

void tell_unlisted(EventLog& log, EventKind kind, const std::string& call_id) {
    log.write({LogLevel::warning,
               tag_of(kind),
               "somebody asked not to be called again, and the event tells no number to be listed",
               call_id,
               {{"kind", std::string(to_string(kind))},
                {"listed", "as soon as the call's number is known"}}});
}

}  // namespace

Intake::Intake(GroupCommit& commits, const Clock& clock, EventLog& log, Metrics& metrics)
    : commits_(commits), clock_(clock), log_(log), metrics_(metrics) {}

Task<Result<Appended>> Intake::append(NewEvent event) {
    const EventKind kind = event.kind;
    const bool is_told = log_.wants(LogLevel::debug);
    std::string masked;
    if (is_told && !event.to.empty()) masked = mask_phone_number(event.to);
    const bool has_nobody_to_list = event.opts_out && !is_callable(event.to);
    const UtcTime started_at = clock_.now();
    StoreOp op = AppendEvent{std::move(event)};
    StoreOutcome outcome = co_await commits_.submit(op, GroupCommit::Patience::of_senders);
    const std::chrono::duration<double> elapsed = clock_.now() - started_at;
    metrics_.observe(Histogram::append_seconds, elapsed.count());
    if (!outcome) {
        tell_refused(kind, outcome.error());
        co_return std::move(outcome).error();
    }
    Appended appended = std::get<Appended>(*std::move(outcome));
    metrics_.count(appended.is_repeat ? Counter::events_repeated : Counter::events,
                   to_string(kind));
    if (appended.is_repeat) co_return appended;
    if (appended.is_late) metrics_.count(Counter::events_late, to_string(kind));
    if (is_told) tell_stored(kind, appended, masked);
    if (has_nobody_to_list) tell_unlisted(log_, kind, appended.call_id);
    co_return appended;
}

void Intake::tell_stored(EventKind kind, const Appended& appended, const std::string& masked) {
    LogLine line{LogLevel::debug,
                 tag_of(kind),
                 "event stored",
                 appended.call_id,
                 {{"kind", std::string(to_string(kind))}}};
    if (!masked.empty()) line.fields.emplace_back("to", masked);
    if (appended.is_new_call) line.fields.emplace_back("call", "new");
    if (appended.is_late) line.fields.emplace_back("late", "true");
    log_.write(line);
}

// Senders repeat what is not acknowledged: one line for each would fill the disk that is full.
void Intake::tell_refused(EventKind kind, const Error& error) {
    const auto silent_count = pace_.take(to_string(kind), clock_.now());
    if (!silent_count) return;
    LogLine line{LogLevel::error,
                 tag_of(kind),
                 "event could not be stored",
                 "",
                 {{"kind", std::string(to_string(kind))}, {"error", error.detail}}};
    if (*silent_count > 0) line.fields.emplace_back("not_logged", std::to_string(*silent_count));
    log_.write(line);
}

LogTag tag_of(EventKind kind) {
    switch (kind) {
        case EventKind::twilio_status:
        case EventKind::twilio_child_status:
        case EventKind::twilio_amd:
        case EventKind::twilio_rest:
        case EventKind::reconcile_call: return LogTag::twilio;
        case EventKind::elevenlabs_transcription:
        case EventKind::elevenlabs_otel:
        case EventKind::elevenlabs_failure:
        case EventKind::elevenlabs_conversation:
        case EventKind::reconcile_conversation: return LogTag::elevenlabs;
        case EventKind::placing_no_agent:
        case EventKind::operator_action: return LogTag::none;
    }
    return LogTag::none;
}

}  // namespace wrapup
