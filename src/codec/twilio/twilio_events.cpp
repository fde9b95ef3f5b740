#include "codec/twilio/twilio_events.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "codec/bytes/dedup_key.hpp"
#include "codec/json/json_text.hpp"
#include "codec/json/json_value.hpp"
#include "codec/twilio/read_call.hpp"
#include "codec/twilio/status_report.hpp"
#include "domain/call_id.hpp"
#include "domain/phone_number.hpp"
#include "domain/plain_text.hpp"

namespace wrapup {

namespace {

// All fields as sent, the unknown ones too. Of a name that repeats the first counts, here as
// everywhere: Twilio's voice callbacks repeat none.
std::string payload_of(const Form& form) {
    JsonObjectWriter writer;
    writer.reserve(1536);
    for (auto field = form.begin(); field != form.end(); ++field) {
        const bool is_repeat = std::any_of(form.begin(), field, [&](const auto& earlier) {
            return earlier.first == field->first;
        });
        if (!is_repeat) writer.text(field->first, field->second);
    }
    return writer.take();
}

// A number that was not written as text is a number all the same.
std::string address_in(const boost::json::object& object, std::string_view key) {
    const auto digits = json_count(&object, key);
    const boost::json::value* const said = json_member(&object, key);
    if (digits && said->is_number()) return std::to_string(*digits);
    return json_string(&object, key);
}

Result<std::string> call_sid_of(const Form& form) {
    const std::string_view text = trim(form_value(form, "CallSid"));
    if (text.empty()) return Error{Errc::invalid_input, "CallSid is missing"};
    std::string call_sid = read_call_sid(text);
    if (call_sid.empty()) return Error{Errc::invalid_input, "CallSid is malformed"};
    return call_sid;
}

std::string number_of(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : std::string{};
}

std::string time_of(const std::optional<UtcTime>& time) {
    return time ? std::to_string(to_unix_ms(*time)) : std::string{};
}

std::string_view word_of(Direction direction) {
    switch (direction) {
        case Direction::unknown: break;
        case Direction::outbound: return "out";
        case Direction::inbound: return "in";
    }
    return "";
}

// When the end of the call may have been lost: core/settle/settle_plan decides what to do then.
seconds look_after(const std::optional<CallStatus>& status) {
    if (!status) return silence_max;
    if (is_terminal(*status)) return seconds{0};
    return *status == CallStatus::in_progress ? open_talk_max : open_ring_max;
}

// All that a status callback says, but for its time: a second one that says more is no repeat, and
// one that Twilio sends again is one.
std::string status_key(std::string_view call_sid, std::string_view status, const FieldOf& field) {
    const auto text = [&field](std::string_view name) { return trim(field(name)); };
    return make_dedup_key({"ts", call_sid, status, number_of(parse_count(field("SequenceNumber"))),
                           number_of(parse_count(field("CallDuration"))), text("AnsweredBy"),
                           text("SipResponseCode"), text("ErrorCode"), text("To"), text("From"),
                           word_of(parse_direction(text("Direction")))});
}

}  // namespace

Result<NewEvent> status_callback_event(const Form& form, UtcTime received_at) {
    WRAPUP_TRY(std::string call_sid, call_sid_of(form));
    const std::string_view word = trim(form_value(form, "CallStatus"));
    if (word.empty()) return Error{Errc::invalid_input, "CallStatus is missing"};
    const auto status = parse_call_status(word);
    const FieldOf field = [&form](std::string_view name) { return form_value(form, name); };

    NewEvent event;
    event.received_at = received_at;
    event.due_at = received_at + look_after(status);
    event.dedup_key = status_key(call_sid, status ? to_string(*status) : word, field);
    event.payload = payload_of(form);
    const std::string parent_sid = read_call_sid(trim(form_value(form, "ParentCallSid")));
    if (!parent_sid.empty() && parent_sid != call_sid) {
        event.kind = EventKind::twilio_child_status;
        event.call_sid = parent_sid;
        event.is_ours = false;
        // The end of a leg says nothing about the end of the call.
        event.due_at = received_at + silence_max;
        return event;
    }
    event.kind = EventKind::twilio_status;
    event.call_sid = std::move(call_sid);
    const bool is_inbound = parse_direction(trim(field("Direction"))) == Direction::inbound;
    event.to = plain_text(field(is_inbound ? "From" : "To"));
    return event;
}

Result<NewEvent> amd_callback_event(const Form& form, UtcTime received_at) {
    WRAPUP_TRY(std::string call_sid, call_sid_of(form));
    const std::string_view answered_by = trim(form_value(form, "AnsweredBy"));
    if (answered_by.empty()) return Error{Errc::invalid_input, "AnsweredBy is missing"};
    NewEvent event;
    event.kind = EventKind::twilio_amd;
    event.received_at = received_at;
    event.due_at = received_at + silence_max;
    event.dedup_key = make_dedup_key({"ta", call_sid, answered_by});
    event.payload = payload_of(form);
    event.call_sid = std::move(call_sid);
    return event;
}

Result<TwilioCall> parse_twilio_call(std::string_view json) {
    WRAPUP_TRY(const boost::json::object object, parse_json_object(json));
    return read_twilio_call(object);
}

Result<TwilioCall> read_twilio_call(const boost::json::object& object) {
    TwilioCall call;
    call.sid = json_string(&object, "sid");
    if (!is_call_sid(call.sid)) return Error{Errc::invalid_input, "sid is missing or malformed"};
    const std::string account_sid = json_string(&object, "account_sid");
    if (is_account_sid(account_sid)) call.account_sid = account_sid;
    call.parent_sid = json_string(&object, "parent_call_sid");
    call.status = parse_call_status(trim(json_string(&object, "status")));
    call.duration_s = json_count(&object, "duration");
    call.answered_by = trim(json_string(&object, "answered_by"));
    call.to = address_in(object, "to");
    call.from = address_in(object, "from");
    call.direction = parse_direction(json_string(&object, "direction"));
    call.created_at = parse_rfc2822(json_string(&object, "date_created"));
    call.started_at = parse_rfc2822(json_string(&object, "start_time"));
    call.ended_at = parse_rfc2822(json_string(&object, "end_time"));
    return call;
}

NewEvent twilio_rest_event(const TwilioCall& call, std::string_view json, UtcTime received_at) {
    const bool is_final = call.status && is_terminal(*call.status);
    NewEvent event;
    event.kind = EventKind::twilio_rest;
    event.call_sid = call.sid;
    event.received_at = received_at;
    event.due_at = is_final ? received_at : received_at + silence_max;
    event.created_at = call.created_at;
    // Durations and times are filled in later: an answer that says more is another event.
    event.dedup_key = make_dedup_key({"tr", call.sid, call.status ? to_string(*call.status) : "",
                                      number_of(call.duration_s), call.answered_by, call.to,
                                      call.from, word_of(call.direction), time_of(call.created_at),
                                      time_of(call.started_at), time_of(call.ended_at)});
    event.to = plain_text(call.direction == Direction::inbound ? call.from : call.to);
    // Written anew where it can be read at all, so that what is kept is valid whatever came.
    const auto object = parse_json_object(json);
    event.payload = object ? boost::json::serialize(*object) : "{}";
    return event;
}

NewEvent reconciled_call_event(const TwilioCall& call, std::string_view json, UtcTime received_at) {
    NewEvent event = twilio_rest_event(call, json, received_at);
    event.kind = EventKind::reconcile_call;
    return event;
}

}  // namespace wrapup
