#include "sandbox/calls/vendor_json.hpp"

#include <boost/json.hpp>

#include "codec/json/json_value.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

json::value time_or_null(const std::optional<UtcTime>& time) {
    if (!time) return nullptr;
    return json::value(format_rfc2822(*time));
}

json::value text_or_null(const std::string& text) {
    if (text.empty()) return nullptr;
    return json::value(text);
}

std::string_view word_of(ConversationStatus status) {
    switch (status) {
        case ConversationStatus::initiated: return "initiated";
        case ConversationStatus::in_progress: return "in-progress";
        case ConversationStatus::processing: return "processing";
        case ConversationStatus::done: return "done";
        case ConversationStatus::failed: return "failed";
        case ConversationStatus::unknown: break;
    }
    return "initiated";
}

std::string summary_of(const CallPlan& plan) {
    return plan.faults.has_sentinel ? std::string(sentinel_summary) : plan.summary;
}

// 486 busy, 487 ring timed out, 404 unreachable.
const char* sip_code_of(CallStatus status) {
    if (status == CallStatus::completed) return "200";
    if (status == CallStatus::busy) return "486";
    return status == CallStatus::failed ? "404" : "487";
}

json::object render_phone_call(const CallPlan& plan) {
    return {{"type", "twilio"},
            {"direction", "outbound"},
            {"phone_number_id", "phnum_sandbox"},
            {"agent_number", plan.from},
            {"external_number", plan.to},
            {"stream_sid", "MZ" + plan.sid.substr(2)},
            {"call_sid", plan.sid}};
}

json::object render_metadata(const PlayedCall& call) {
    const UtcTime answered_at = call.answered_at.value_or(call.placed_at);
    return {{"start_time_unix_secs", to_unix_s(answered_at)},
            {"call_duration_secs", call.ended_at ? call.plan.duration_s : 0},
            {"cost", 0},
            {"termination_reason", call.ended_at ? "Call ended by remote party" : ""},
            {"phone_call", render_phone_call(call.plan)},
            {"conversation_initiation_source", "twilio"},
            {"main_language", "en"}};
}

// What the conversation was prepared with; else what the sandbox's own dialler would have said.
json::object variables_of(const PlayedCall& call) {
    json::object variables;
    if (call.registration != nullptr) {
        if (auto given = parse_json_object(call.registration->variables)) variables = *given;
        variables["system__call_sid"] = call.plan.sid;
        variables["system__called_number"] = call.plan.to;
    } else {
        variables["name"] = call.plan.name;
        variables["twilio_call_sid"] = call.plan.sid;
    }
    variables["system__conversation_id"] = call.plan.conversation_id;
    return variables;
}

json::object collected_by(const CallPlan& plan) {
    json::object results;
    const auto collected = plan.collected.empty() ? Result<json::object>(json::object{})
                                                  : parse_json_object(plan.collected);
    if (!collected) return results;
    for (const auto& member : *collected) {
        const std::string name(member.key());
        results[name] = json::object{{"data_collection_id", name},
                                     {"value", member.value()},
                                     {"rationale", "The caller said so."}};
    }
    return results;
}

json::array render_transcript(const CallPlan& plan) {
    const std::string greeting = "Hello " + plan.name + ", do you have a minute?";
    json::array transcript;
    transcript.push_back(
        json::object{{"role", "agent"}, {"message", greeting}, {"time_in_call_secs", 0}});
    transcript.push_back(
        json::object{{"role", "user"}, {"message", "Yes, go ahead."}, {"time_in_call_secs", 4}});
    return transcript;
}

}  // namespace

json::object render_call(const PlayedCall& call, const std::string& account_sid) {
    const CallPlan& plan = call.plan;
    const std::string uri = "/2010-04-01/Accounts/" + account_sid + "/Calls/" + plan.sid + ".json";
    // The resource never says `initiated`, and only a call that was answered has a duration.
    const CallStatus status =
        call.status == CallStatus::initiated ? CallStatus::queued : call.status;
    const bool is_completed = status == CallStatus::completed;
    json::value duration = nullptr;
    if (is_completed) duration = std::to_string(plan.duration_s);
    const bool is_known = call.answered_at.has_value();
    return {{"sid", plan.sid},
            {"account_sid", account_sid},
            {"parent_call_sid", nullptr},
            {"to", plan.to},
            {"from", plan.from},
            {"status", to_string(status)},
            {"date_created", format_rfc2822(call.placed_at)},
            {"date_updated", format_rfc2822(call.ended_at.value_or(call.placed_at))},
            {"start_time", time_or_null(call.dialled_at)},
            {"end_time", time_or_null(call.ended_at)},
            {"duration", duration},
            {"price", nullptr},
            {"price_unit", "USD"},
            {"direction", "outbound-api"},
            {"answered_by", is_known ? text_or_null(plan.answered_by) : json::value(nullptr)},
            {"api_version", "2010-04-01"},
            {"queue_time", std::to_string(plan.queue.count() < 1'000 ? 0 : plan.queue.count())},
            {"uri", uri}};
}

Form render_status(const PlayedCall& call, const std::string& account_sid, CallStatus status,
                   int sequence, UtcTime at) {
    const CallPlan& plan = call.plan;
    Form form{{"CallSid", plan.sid},
              {"AccountSid", account_sid},
              {"From", plan.from},
              {"To", plan.to},
              {"Caller", plan.from},
              {"Called", plan.to},
              {"CallStatus", std::string(to_string(status))},
              {"ApiVersion", "2010-04-01"},
              {"Direction", "outbound-api"},
              {"Timestamp", format_rfc2822(at)},
              {"CallbackSource", "call-progress-events"},
              {"SequenceNumber", std::to_string(sequence)},
              {"FromCity", ""},
              {"ToCity", ""}};
    if (!is_terminal(status)) return form;
    form.emplace_back("CallDuration", std::to_string(plan.duration_s));
    form.emplace_back("Duration", std::to_string((plan.duration_s + 59) / 60));
    form.emplace_back("SipResponseCode", sip_code_of(status));
    if (!plan.is_amd_async && !plan.answered_by.empty()) {
        form.emplace_back("AnsweredBy", plan.answered_by);
    }
    return form;
}

Form render_twiml_request(const PlayedCall& call, const std::string& account_sid) {
    const CallPlan& plan = call.plan;
    Form form{{"CallSid", plan.sid},
              {"AccountSid", account_sid},
              {"From", plan.from},
              {"To", plan.to},
              {"Caller", plan.from},
              {"Called", plan.to},
              {"CallStatus", "in-progress"},
              {"ApiVersion", "2010-04-01"},
              {"Direction", "outbound-api"},
              {"FromCity", ""},
              {"ToCity", ""}};
    if (!plan.is_amd_async && !plan.answered_by.empty()) {
        form.emplace_back("AnsweredBy", plan.answered_by);
        form.emplace_back("MachineDetectionDuration", "2950");
    }
    return form;
}

Form render_amd(const PlayedCall& call, const std::string& account_sid) {
    return {{"CallSid", call.plan.sid},
            {"AccountSid", account_sid},
            {"AnsweredBy", call.plan.answered_by},
            {"MachineDetectionDuration", "2950"}};
}

json::object render_conversation(const PlayedCall& call, const std::string& agent_id, UtcTime now) {
    const CallPlan& plan = call.plan;
    const auto status = conversation_status(call, now).value_or(ConversationStatus::initiated);
    json::object data{{"agent_id", agent_id},
                      {"conversation_id", plan.conversation_id},
                      {"status", word_of(status)},
                      {"transcript", render_transcript(plan)},
                      {"metadata", render_metadata(call)},
                      {"analysis", nullptr},
                      {"has_audio", false},
                      {"has_user_audio", false},
                      {"has_response_audio", false},
                      {"has_auxiliary_audio", false}};
    data["conversation_initiation_client_data"] = {{"dynamic_variables", variables_of(call)}};
    if (call.registration != nullptr && !call.registration->user_id.empty()) {
        data["user_id"] = call.registration->user_id;
    }
    if (status == ConversationStatus::done) {
        data["analysis"] = {{"transcript_summary", summary_of(plan)},
                            {"call_successful", plan.faults.has_sentinel ? "unknown" : "success"}};
        json::object collected = collected_by(plan);
        if (!collected.empty()) {
            data["analysis"].as_object()["data_collection_results"] = std::move(collected);
        }
    }
    return data;
}

json::object render_conversation_item(const PlayedCall& call, const std::string& agent_id,
                                      UtcTime now, bool has_summary) {
    const CallPlan& plan = call.plan;
    const auto status = conversation_status(call, now).value_or(ConversationStatus::initiated);
    const UtcTime started_at = call.answered_at.value_or(call.placed_at);
    json::object item{{"agent_id", agent_id},
                      {"conversation_id", plan.conversation_id},
                      {"start_time_unix_secs", to_unix_s(started_at)},
                      {"call_duration_secs", call.ended_at ? plan.duration_s : 0},
                      {"message_count", 2},
                      {"status", word_of(status)},
                      {"call_successful", "unknown"},
                      {"direction", "outbound"},
                      {"conversation_initiation_source", "twilio"}};
    if (has_summary && status == ConversationStatus::done) {
        item["transcript_summary"] = summary_of(plan);
    }
    return item;
}

std::string render_webhook(const PlayedCall& call, const std::string& agent_id, UtcTime now) {
    return json::serialize(json::object{{"type", "post_call_transcription"},
                                        {"event_timestamp", to_unix_s(now)},
                                        {"data", render_conversation(call, agent_id, now)}});
}

}  // namespace wrapup
