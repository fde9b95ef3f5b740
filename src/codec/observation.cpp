#include "codec/observation.hpp"

#include <string>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "codec/elevenlabs/conversation_json.hpp"
#include "codec/json/json_value.hpp"
#include "codec/twilio/status_report.hpp"
#include "codec/twilio/twilio_events.hpp"

namespace wrapup {

namespace {

using boost::json::object;

FieldOf fields_of(const object& fields) {
    return [&fields](std::string_view name) -> std::string_view {
        const boost::json::value* const value = json_member(&fields, name);
        const boost::json::string* const text = value == nullptr ? nullptr : value->if_string();
        return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
    };
}

Observation read_status(const object& fields) {
    const auto report = read_status_report(fields_of(fields));
    return report ? Observation{*report} : Observation{Remark{}};
}

Observation read_machine_report(const object& fields) {
    MachineReport report;
    report.answered_by = trim(json_string(&fields, "AnsweredBy"));
    report.account_sid = read_account_sid(fields_of(fields));
    return report;
}

Observation read_transcription(const object& data) {
    Conversation conversation = read_conversation(data);
    // The webhook is sent once the call is over and analysed, whether it says so or not.
    if (conversation.status == ConversationStatus::unknown) {
        conversation.status = ConversationStatus::done;
    }
    return conversation;
}

}  // namespace

Result<Observation> decode_observation(EventKind kind, std::string_view payload) {
    if (kind == EventKind::operator_action) return Observation{Remark{}};
    if (kind == EventKind::twilio_rest || kind == EventKind::reconcile_call) {
        WRAPUP_TRY(TwilioCall call, parse_twilio_call(payload));
        return Observation{std::move(call)};
    }
    WRAPUP_TRY(const object fields, parse_json_object(payload));
    switch (kind) {
        case EventKind::twilio_status: return read_status(fields);
        case EventKind::twilio_child_status: return Observation{ChildLegReport{}};
        case EventKind::twilio_amd: return read_machine_report(fields);
        case EventKind::elevenlabs_transcription: return read_transcription(fields);
        case EventKind::elevenlabs_conversation:
        case EventKind::reconcile_conversation: return Observation{read_conversation(fields)};
        case EventKind::elevenlabs_failure: return Observation{read_initiation_failure(fields)};
        case EventKind::placing_no_agent:
            return Observation{AgentAbsence{json_string(&fields, "reason")}};
        // The event carries its ids; there is nothing more in it for us.
        case EventKind::elevenlabs_otel: return Observation{Remark{}};
        case EventKind::twilio_rest:
        case EventKind::reconcile_call:
        case EventKind::operator_action: break;
    }
    WRAPUP_ASSERT(false);
    return Observation{Remark{}};
}

std::vector<ObservedEvent> decode_events(std::span<const StoredEvent> events) {
    std::vector<ObservedEvent> observed;
    observed.reserve(events.size());
    for (const StoredEvent& event : events) {
        auto said = decode_observation(event.kind, event.payload);
        if (said) observed.push_back({event.kind, event.received_at, *std::move(said)});
    }
    return observed;
}

}  // namespace wrapup
