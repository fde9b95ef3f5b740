#include "codec/elevenlabs/conversation_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <system_error>

#include "base/text.hpp"
#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/json/json_value.hpp"
#include "domain/call_id.hpp"
#include "domain/phone_number.hpp"
#include "domain/plain_text.hpp"

namespace wrapup {

namespace {

using boost::json::object;

// The system's own name first; the others are how diallers hand the CallSid on.
constexpr std::array<std::string_view, 5> call_sid_variables = {
    "system__call_sid", "twilio_call_sid", "call_sid", "callSid", "CallSid"};
constexpr std::array<std::string_view, 3> name_variables = {"name", "contact_name",
                                                            "customer_name"};

std::string trimmed(const object* from, std::string_view key) {
    return std::string(trim(json_string(from, key)));
}

// The value of that member when it has the form of a CallSid, else empty.
std::string call_sid_in(const object* from, std::string_view key) {
    return read_call_sid(trimmed(from, key));
}

const object* dynamic_variables(const object& data) {
    return json_object(json_object(&data, "conversation_initiation_client_data"),
                       "dynamic_variables");
}

std::string call_sid_of_variables(const object& data) {
    const object* const variables = dynamic_variables(data);
    for (const std::string_view key : call_sid_variables) {
        std::string call_sid = call_sid_in(variables, key);
        if (!call_sid.empty()) return call_sid;
    }
    return {};
}

// The other party: who is called, unless it was they who called. Where nobody says which, it is the
// one that is not ours: an opt-out must not list ourselves in the place of who called.
std::string number_of_variables(const object& data, Direction direction,
                                const ConversationReading& reading) {
    const object* const variables = dynamic_variables(data);
    const auto number = [&](std::string_view key) {
        return callable_number(value_or_empty(json_string(variables, key)), reading.read_number);
    };
    const auto is_ours = [&](const std::string& text) {
        return std::ranges::find(reading.our_numbers, text) != reading.our_numbers.end();
    };
    const std::string caller = number("system__caller_id");
    const std::string called = number("system__called_number");
    switch (direction) {
        case Direction::inbound: return caller;
        case Direction::outbound: return called;
        case Direction::unknown: break;
    }
    if (!is_ours(called)) return called;
    return is_ours(caller) ? std::string() : caller;
}

std::string contact_name(const object& data) {
    const object* const variables = dynamic_variables(data);
    for (const std::string_view key : name_variables) {
        std::string name = value_or_empty(json_string(variables, key));
        if (!name.empty()) return name;
    }
    return {};
}

constexpr std::string_view voicemail_tool = "voicemail_detection";

// Whether a turn's list of calls or results holds one of that tool. One that was only prepared, or
// that failed, says nothing.
bool names_voicemail_tool(const object* turn, std::string_view list) {
    const boost::json::value* const value = json_member(turn, list);
    if (value == nullptr || !value->is_array()) return false;
    const boost::json::array& entries = value->get_array();
    return std::any_of(entries.begin(), entries.end(), [](const boost::json::value& element) {
        const object* const entry = element.if_object();
        const boost::json::value* const called = json_member(entry, "tool_has_been_called");
        const bool* const was_called = called == nullptr ? nullptr : called->if_bool();
        return equals_ignoring_case(trimmed(entry, "tool_name"), voicemail_tool) &&
               (was_called == nullptr || *was_called) && !json_bool(entry, "is_error");
    });
}

// Source: ElevenLabs docs "Voicemail detection". That the feature is enabled says nothing.
bool has_agent_voicemail(const object& data, const object* metadata) {
    const std::string reason = to_lower(json_string(metadata, "termination_reason"));
    if (reason.find(voicemail_tool) != std::string::npos) return true;
    const object* const usage =
        json_object(json_object(metadata, "features_usage"), voicemail_tool);
    return json_bool(usage, "used") || has_voicemail_call(data);
}

// Whether somebody must not be called again. An agent fills the field in, and a field that is
// called a string holds whole sentences.
enum class OptOut { no, yes, unreadable };

bool is_word_byte(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || static_cast<signed char>(c) < 0;
}

OptOut opt_out_of_number(double number) {
    if (!std::isfinite(number)) return OptOut::unreadable;
    return number == 0 ? OptOut::no : OptOut::yes;
}

OptOut opt_out_of_text(std::string_view said) {
    constexpr std::array<std::string_view, 5> yes{"yes", "y", "yeah", "yep", "true"};
    constexpr std::array<std::string_view, 9> no{"",     "no",  "n",         "false", "null",
                                                 "none", "nil", "undefined", "n/a"};
    const std::string lower = to_lower(said);
    const auto first = std::ranges::find_if(lower, is_word_byte);
    const auto last = std::find_if(lower.rbegin(), lower.rend(), is_word_byte).base();
    const std::string_view core = first < last ? std::string_view(first, last) : "";
    if (std::ranges::find(no, core) != no.end()) return OptOut::no;
    const auto word_end = std::ranges::find_if_not(core, is_word_byte);
    const std::string_view word(core.begin(), word_end);
    if (std::ranges::find(yes, word) != yes.end()) return OptOut::yes;
    double number = 0;
    const auto read = std::from_chars(core.data(), core.data() + core.size(), number);
    if (read.ec != std::errc{} || read.ptr != core.data() + core.size()) return OptOut::unreadable;
    return opt_out_of_number(number);
}

OptOut opt_out_of(const boost::json::value& said) {
    if (said.is_null()) return OptOut::no;
    if (said.is_bool()) return said.get_bool() ? OptOut::yes : OptOut::no;
    if (said.is_number()) return opt_out_of_number(said.to_number<double>());
    if (said.is_string()) return opt_out_of_text(said.get_string());
    if (const object* const nested = said.if_object()) {
        const boost::json::value* const value = nested->if_contains("value");
        if (value != nullptr) return opt_out_of(*value);
        return nested->empty() ? OptOut::no : OptOut::unreadable;
    }
    const boost::json::array& list = said.get_array();
    if (list.size() == 1) return opt_out_of(list.front());
    return list.empty() ? OptOut::no : OptOut::unreadable;
}

// `analysis.data_collection_results` is a map by field; `…_list` the same as a list. Who is said to
// have opted out in one of them has.
OptOut read_opt_out(const object& data, std::string_view field) {
    if (field.empty()) return OptOut::no;
    OptOut result = OptOut::no;
    const auto take = [&result](const boost::json::value* said) {
        const OptOut opt_out = said == nullptr ? OptOut::no : opt_out_of(*said);
        if (result == OptOut::no || opt_out == OptOut::yes) result = opt_out;
    };
    const object* const analysis = json_object(&data, "analysis");
    const boost::json::value* const result_of_field =
        json_member(json_object(analysis, "data_collection_results"), field);
    const bool is_result = result_of_field != nullptr && result_of_field->is_object();
    take(is_result ? json_member(result_of_field->if_object(), "value") : result_of_field);
    const boost::json::value* const list = json_member(analysis, "data_collection_results_list");
    if (list == nullptr || !list->is_array()) return result;
    for (const boost::json::value& element : list->get_array()) {
        const object* const one = element.if_object();
        if (json_string(one, "data_collection_id") == field) take(json_member(one, "value"));
    }
    return result;
}

ConversationStatus parse_status(std::string_view word) {
    if (equals_ignoring_case(word, "initiated")) return ConversationStatus::initiated;
    if (equals_ignoring_case(word, "in-progress")) return ConversationStatus::in_progress;
    if (equals_ignoring_case(word, "in_progress")) return ConversationStatus::in_progress;
    if (equals_ignoring_case(word, "processing")) return ConversationStatus::processing;
    if (equals_ignoring_case(word, "done")) return ConversationStatus::done;
    if (equals_ignoring_case(word, "failed")) return ConversationStatus::failed;
    return ConversationStatus::unknown;
}

// Spelled "sip" in failures and "sip_trunking" in conversations.
PhoneLine parse_line(std::string_view type) {
    if (equals_ignoring_case(type, "twilio")) return PhoneLine::twilio;
    if (starts_with_ignoring_case(type, "sip")) return PhoneLine::sip;
    return PhoneLine::other;
}

// The final answer of the far end, where the reason says nothing. Source: RFC 3261, section 21.
CallStatus status_of_sip(std::optional<std::int64_t> code) {
    switch (code.value_or(0)) {
        case 486:
        case 600: return CallStatus::busy;
        case 408:
        case 480:
        case 487:
        case 603: return CallStatus::no_answer;
        default: return CallStatus::failed;
    }
}

CallStatus status_of(std::string_view reason, const object* body) {
    const auto status = parse_call_status(trim(reason));
    if (status == CallStatus::busy || status == CallStatus::no_answer) return *status;
    return status_of_sip(json_count(body, "sip_status_code"));
}

void read_twilio_failure(const object* body, InitiationFailure& failure) {
    const auto status = parse_call_status(trimmed(body, "CallStatus"));
    if (status && is_terminal(*status)) failure.status = *status;
    failure.to = json_string(body, "To");
    failure.from = json_string(body, "From");
    const Direction direction = parse_direction(json_string(body, "Direction"));
    if (direction != Direction::unknown) failure.direction = direction;
    failure.at = parse_rfc2822(json_string(body, "Timestamp"));
}

}  // namespace

bool has_voicemail_call(const object& data) {
    if (json_bool(&data, voicemail_call_key)) return true;
    const boost::json::value* const transcript = json_member(&data, "transcript");
    if (transcript == nullptr || !transcript->is_array()) return false;
    const boost::json::array& turns = transcript->get_array();
    return std::any_of(turns.begin(), turns.end(), [](const boost::json::value& value) {
        const object* const turn = value.if_object();
        return names_voicemail_tool(turn, "tool_calls") ||
               names_voicemail_tool(turn, "tool_results");
    });
}

Conversation read_conversation(const object& data) {
    const object* const metadata = json_object(&data, "metadata");
    const object* const phone = json_object(metadata, "phone_call");
    Conversation conversation;
    conversation.conversation_id = json_string(&data, "conversation_id");
    conversation.agent_id = json_string(&data, "agent_id");
    conversation.status = parse_status(trimmed(&data, "status"));
    conversation.is_phone_call = phone != nullptr;
    if (phone != nullptr) conversation.line = parse_line(trimmed(phone, "type"));
    conversation.call_sid = call_sid_in(phone, "call_sid");
    conversation.has_own_call_sid = !conversation.call_sid.empty();
    if (!conversation.has_own_call_sid) conversation.call_sid = call_sid_of_variables(data);
    // Whatever carried the voice, Twilio can tell more about a CallSid.
    if (!conversation.call_sid.empty()) conversation.line = PhoneLine::twilio;
    conversation.external_number = json_string(phone, "external_number");
    conversation.agent_number = json_string(phone, "agent_number");
    conversation.direction = parse_direction(trimmed(phone, "direction"));
    std::string summary =
        plain_text(json_string(json_object(&data, "analysis"), "transcript_summary"));
    if (is_usable_summary(summary)) conversation.summary = std::move(summary);
    conversation.contact_name = contact_name(data);
    conversation.call_result = trimmed(phone, "call_result");
    conversation.has_agent_voicemail = has_agent_voicemail(data, metadata);
    conversation.duration_s = json_count(metadata, "call_duration_secs");
    conversation.started_at = json_unix_s(metadata, "start_time_unix_secs");
    return conversation;
}

Conversation read_arriving_conversation(const object& data, const ConversationReading& reading) {
    Conversation conversation = read_conversation(data);
    const OptOut opt_out = read_opt_out(data, reading.opt_out_field);
    conversation.opts_out = opt_out == OptOut::yes;
    if (opt_out == OptOut::unreadable && reading.tell_unreadable) {
        reading.tell_unreadable(conversation);
    }
    std::string& number = conversation.external_number;
    if (value_or_empty(number).empty()) {
        number = number_of_variables(data, conversation.direction, reading);
    } else {
        number = callable_number(number, reading.read_number);
    }
    return conversation;
}

InitiationFailure read_initiation_failure(const object& data) {
    const object* const metadata = json_object(&data, "metadata");
    const object* const body = json_object(metadata, "body");
    InitiationFailure failure;
    failure.conversation_id = json_string(&data, "conversation_id");
    failure.agent_id = json_string(&data, "agent_id");
    failure.line = parse_line(trimmed(metadata, "type"));
    failure.call_sid = call_sid_in(body, "CallSid");
    if (failure.call_sid.empty()) failure.call_sid = call_sid_in(body, "call_sid");
    if (failure.call_sid.empty()) failure.call_sid = call_sid_of_variables(data);
    const std::string account_sid = trimmed(body, "AccountSid");
    if (is_account_sid(account_sid)) failure.account_sid = account_sid;
    failure.status = status_of(json_string(&data, "failure_reason"), body);
    // The event is about outbound calls only.
    failure.direction = Direction::outbound;
    if (failure.line == PhoneLine::twilio) {
        read_twilio_failure(body, failure);
    } else {
        failure.to = json_string(body, "to_number");
        failure.from = json_string(body, "from_number");
    }
    if (!failure.call_sid.empty()) failure.line = PhoneLine::twilio;
    return failure;
}

}  // namespace wrapup
