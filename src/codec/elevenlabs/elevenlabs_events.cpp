#include "codec/elevenlabs/elevenlabs_events.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "codec/bytes/dedup_key.hpp"
#include "codec/bytes/digest.hpp"
#include "codec/elevenlabs/conversation_json.hpp"
#include "codec/json/json_value.hpp"
#include "domain/plain_text.hpp"

namespace wrapup {

namespace json = boost::json;

namespace {

constexpr std::size_t error_text_size_max = 200;
// Enough to tell any two contents of one conversation apart.
constexpr std::size_t content_hash_size = 32;

// The document without what people said and what they sounded like, but with what the transcript
// alone told.
std::string payload_of(json::object document) {
    if (has_voicemail_call(document)) {
        document.insert_or_assign(json::string_view(voicemail_call_key), true);
    }
    for (const char* const key : {"transcript", "otlp_traces", "full_audio"}) document.erase(key);
    return json::serialize(document);
}

std::string content_key(std::string_view sender, std::string_view conversation_id,
                        std::string_view payload) {
    const std::string hash = sha256_hex(payload).substr(0, content_hash_size);
    return make_dedup_key({sender, conversation_id, hash});
}

Result<json::object> check_conversation_id(json::object document) {
    if (json_string(&document, "conversation_id").empty()) {
        return Error{Errc::invalid_input, "conversation_id is missing"};
    }
    return document;
}

bool is_our_agent(const WebhookScope& scope, const std::string& agent_id) {
    return scope.our_agents.empty() || std::find(scope.our_agents.begin(), scope.our_agents.end(),
                                                 agent_id) != scope.our_agents.end();
}

bool is_in_scope(const WebhookScope& scope, const std::string& agent_id, Direction direction) {
    if (direction == Direction::inbound && !scope.accepts_inbound) return false;
    return is_our_agent(scope, agent_id);
}

// The part of an event that differs between the kinds.
void fill_event(WebhookKind kind, const json::object& data, const WebhookScope& scope,
                NewEvent& event) {
    if (kind == WebhookKind::failure) {
        const InitiationFailure failure = read_initiation_failure(data);
        event.kind = EventKind::elevenlabs_failure;
        event.call_sid = failure.call_sid;
        event.to = plain_text(failure.to);
        event.is_ours = is_in_scope(scope, failure.agent_id, failure.direction);
        return;
    }
    const Conversation conversation = read_arriving_conversation(data, scope.reading);
    event.opts_out = conversation.opts_out;
    event.call_sid = conversation.call_sid;
    event.to = plain_text(conversation.external_number);
    event.is_ours = is_in_scope(scope, conversation.agent_id, conversation.direction);
    if (kind == WebhookKind::otel) {
        // Whether it was a phone call is only known once the conversation is fetched.
        event.kind = EventKind::elevenlabs_otel;
        return;
    }
    event.kind = EventKind::elevenlabs_transcription;
    if (conversation.line == PhoneLine::none) event.is_ours = false;
}

std::string_view dedup_sender(WebhookKind kind) {
    return kind == WebhookKind::failure ? "ef" : kind == WebhookKind::otel ? "eo" : "et";
}

// One entry of a validation error: where and what.
std::string validation_text(const json::object* entry) {
    std::string text;
    const json::value* const location = json_member(entry, "loc");
    if (location != nullptr && location->is_array()) {
        for (const json::value& step : location->get_array()) {
            if (!step.is_string() || text.size() > error_text_size_max) continue;
            if (!text.empty()) text += '.';
            text += std::string_view(step.get_string());
        }
    }
    if (!text.empty()) text += ": ";
    return text + json_string(entry, "msg");
}

std::string detail_text(const json::value& detail) {
    if (detail.is_string()) return std::string(std::string_view(detail.get_string()));
    if (const json::object* const object = detail.if_object()) {
        const std::string status = json_string(object, "status");
        const std::string message = json_string(object, "message");
        if (status.empty() || message.empty()) return status + message;
        return status + ": " + message;
    }
    const json::array* const list = detail.if_array();
    if (list == nullptr || list->empty()) return {};
    return validation_text(list->front().if_object());
}

std::string plain_apostrophes(std::string_view text) {
    constexpr std::string_view typographic = "\u2019";
    std::string plain(text);
    for (std::size_t found = plain.find(typographic); found != std::string::npos;
         found = plain.find(typographic, found)) {
        plain.replace(found, typographic.size(), "'");
    }
    return plain;
}

}  // namespace

WebhookKind webhook_kind(std::string_view type) {
    if (type == "post_call_transcription") return WebhookKind::transcription;
    if (type == "post_call_transcription_otel") return WebhookKind::otel;
    if (type == "call_initiation_failure") return WebhookKind::failure;
    if (type == "post_call_audio") return WebhookKind::audio;
    return WebhookKind::other;
}

Result<NewEvent> webhook_event(std::string_view body, const WebhookScope& scope,
                               UtcTime received_at) {
    WRAPUP_TRY(json::object root, parse_json_object(body));
    const WebhookKind kind = webhook_kind(json_string(&root, "type"));
    if (kind == WebhookKind::audio || kind == WebhookKind::other) {
        return Error{Errc::invalid_input, "a type of webhook that is not used"};
    }
    json::value* const data_member = root.if_contains("data");
    if (data_member == nullptr || !data_member->is_object()) {
        return Error{Errc::invalid_input, "data is missing"};
    }
    WRAPUP_TRY(json::object data, check_conversation_id(std::move(data_member->get_object())));
    NewEvent event;
    fill_event(kind, data, scope, event);
    event.conversation_id = json_string(&data, "conversation_id");
    event.received_at = received_at;
    event.due_at = received_at;
    event.payload = payload_of(std::move(data));
    // Without event_timestamp: sent again, it is still the same event.
    event.dedup_key = content_key(dedup_sender(kind), event.conversation_id, event.payload);
    return event;
}

Result<ConversationDocument> parse_conversation(std::string_view json,
                                                const ConversationReading& reading) {
    WRAPUP_TRY(json::object parsed, parse_json_object(json));
    WRAPUP_TRY(json::object document, check_conversation_id(std::move(parsed)));
    ConversationDocument result;
    result.conversation = read_arriving_conversation(document, reading);
    result.payload = payload_of(std::move(document));
    return result;
}

NewEvent conversation_event(const Conversation& conversation, std::string_view payload,
                            UtcTime received_at) {
    NewEvent event;
    event.kind = EventKind::elevenlabs_conversation;
    event.call_sid = conversation.call_sid;
    event.conversation_id = conversation.conversation_id;
    event.dedup_key = content_key("ec", conversation.conversation_id, payload);
    event.received_at = received_at;
    event.due_at = received_at;
    event.to = plain_text(conversation.external_number);
    event.opts_out = conversation.opts_out;
    event.payload = payload;
    return event;
}

NewEvent reconciled_conversation_event(const Conversation& conversation, std::string_view payload,
                                       UtcTime received_at) {
    NewEvent event = conversation_event(conversation, payload, received_at);
    event.kind = EventKind::reconcile_conversation;
    return event;
}

std::string elevenlabs_error_text(std::string_view json) {
    const auto answer = parse_json_object(json);
    if (!answer) return {};
    const json::value* const detail = json_member(&*answer, "detail");
    if (detail == nullptr) return {};
    return truncate_utf8(detail_text(*detail), error_text_size_max);
}

bool is_usable_summary(std::string_view text) {
    text = trim(text);
    if (text.empty()) return false;
    // Nothing much longer can be that sentence.
    if (text.size() > 64) return true;
    if (is_missing_value(text)) return false;
    std::string sentence = plain_apostrophes(text);
    while (sentence.ends_with('.')) sentence.pop_back();
    return !equals_ignoring_case(sentence, "Summary couldn't be generated for this call");
}

}  // namespace wrapup
