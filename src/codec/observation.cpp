#include "codec/observation.hpp"

#include <string>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "codec/conversation_json.hpp"
#include "codec/json_value.hpp"
#include "codec/twilio_events.hpp"

namespace wrapup {

namespace {

using boost::json::object;

Observation read_status_report(const object& fields) {
    const auto status = parse_call_status(trim(json_string(&fields, "CallStatus")));
    if (!status) return Remark{};
    StatusReport report;
    report.status = *status;
    report.sequence_number = json_count(&fields, "SequenceNumber");
    report.duration_s = json_count(&fields, "CallDuration");
    report.answered_by = trim(json_string(&fields, "AnsweredBy"));
    report.to = json_string(&fields, "To");
    report.from = json_string(&fields, "From");
    report.direction = parse_direction(trim(json_string(&fields, "Direction")));
    report.at = parse_rfc2822(json_string(&fields, "Timestamp"));
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
    if (kind == EventKind::twilio_rest) {
        WRAPUP_TRY(TwilioCall call, parse_twilio_call(payload));
        return Observation{std::move(call)};
    }
    WRAPUP_TRY(const object fields, parse_json_object(payload));
    switch (kind) {
        case EventKind::twilio_status: return read_status_report(fields);
        case EventKind::twilio_child_status:
            return Observation{ChildLegReport{std::string(trim(json_string(&fields, "CallSid")))}};
        case EventKind::twilio_amd:
            return Observation{
                MachineReport{std::string(trim(json_string(&fields, "AnsweredBy")))}};
        case EventKind::elevenlabs_transcription: return read_transcription(fields);
        case EventKind::elevenlabs_conversation: return Observation{read_conversation(fields)};
        case EventKind::elevenlabs_failure: return Observation{read_initiation_failure(fields)};
        // The event carries its ids; there is nothing more in it for us.
        case EventKind::elevenlabs_otel: return Observation{Remark{}};
        case EventKind::twilio_rest:
        case EventKind::operator_action: break;
    }
    WRAPUP_ASSERT(false);
    return Observation{Remark{}};
}

}  // namespace wrapup
