#include "codec/state_json.hpp"

#include "codec/json_text.hpp"
#include "codec/json_value.hpp"

namespace wrapup {

namespace {

using boost::json::object;

void write_time(JsonObjectWriter& writer, std::string_view key,
                const std::optional<UtcTime>& time) {
    if (time) writer.number(key, to_unix_ms(*time));
}

void write_count(JsonObjectWriter& writer, std::string_view key, std::int64_t count) {
    if (count != 0) writer.number(key, count);
}

void write_flag(JsonObjectWriter& writer, std::string_view key, bool flag) {
    if (flag) writer.flag(key, flag);
}

void write_text(JsonObjectWriter& writer, std::string_view key, std::string_view text) {
    if (!text.empty()) writer.text(key, text);
}

std::optional<UtcTime> read_time(const object& state, std::string_view key) {
    const auto unix_ms = json_int(&state, key);
    return unix_ms ? std::optional(from_unix_ms(*unix_ms)) : std::nullopt;
}

std::int64_t read_count(const object& state, std::string_view key) {
    return json_int(&state, key).value_or(0);
}

Result<object> parse_state(std::string_view json) {
    if (json.empty()) return object{};
    return parse_json_object(json);
}

}  // namespace

std::string encode_progress(const SettleProgress& progress) {
    JsonObjectWriter writer;
    write_time(writer, "metadata_first_asked_at_ms", progress.metadata_first_asked_at);
    write_time(writer, "metadata_resolved_at_ms", progress.metadata_resolved_at);
    write_count(writer, "metadata_asks_count", progress.metadata_asks_count);
    write_flag(writer, "was_metadata_away", progress.was_metadata_away);
    write_count(writer, "conversation_asks_count", progress.conversation_asks_count);
    write_time(writer, "conversation_asked_at_ms", progress.conversation_asked_at);
    write_time(writer, "conversation_not_before_ms", progress.conversation_not_before);
    write_text(writer, "conversation_said", progress.conversation_said);
    write_flag(writer, "was_conversation_refused", progress.was_conversation_refused);
    write_flag(writer, "was_variable_asked", progress.was_variable_asked);
    write_count(writer, "twilio_asks_count", progress.twilio_asks_count);
    write_time(writer, "twilio_asked_at_ms", progress.twilio_asked_at);
    write_time(writer, "twilio_running_at_ms", progress.twilio_running_at);
    write_flag(writer, "was_twilio_answered", progress.was_twilio_answered);
    write_text(writer, "twilio_said", progress.twilio_said);
    return writer.finish();
}

Result<SettleProgress> decode_progress(std::string_view json) {
    WRAPUP_TRY(const object state, parse_state(json));
    SettleProgress progress;
    progress.metadata_first_asked_at = read_time(state, "metadata_first_asked_at_ms");
    progress.metadata_resolved_at = read_time(state, "metadata_resolved_at_ms");
    progress.metadata_asks_count = read_count(state, "metadata_asks_count");
    progress.was_metadata_away = json_bool(&state, "was_metadata_away");
    progress.conversation_asks_count = read_count(state, "conversation_asks_count");
    progress.conversation_asked_at = read_time(state, "conversation_asked_at_ms");
    progress.conversation_not_before = read_time(state, "conversation_not_before_ms");
    progress.conversation_said = json_string(&state, "conversation_said");
    progress.was_conversation_refused = json_bool(&state, "was_conversation_refused");
    progress.was_variable_asked = json_bool(&state, "was_variable_asked");
    progress.twilio_asks_count = read_count(state, "twilio_asks_count");
    progress.twilio_asked_at = read_time(state, "twilio_asked_at_ms");
    progress.twilio_running_at = read_time(state, "twilio_running_at_ms");
    progress.was_twilio_answered = json_bool(&state, "was_twilio_answered");
    progress.twilio_said = json_string(&state, "twilio_said");
    return progress;
}

std::string encode_metadata(const CallMetadata& metadata) {
    JsonObjectWriter writer;
    write_text(writer, "name", metadata.name);
    write_text(writer, "contact_name", metadata.contact_name);
    write_text(writer, "campaign_id", metadata.campaign_id);
    write_text(writer, "campaign_name", metadata.campaign_name);
    write_text(writer, "campaign_description", metadata.campaign_description);
    write_text(writer, "conversation_id", metadata.conversation_id);
    write_text(writer, "agent_id", metadata.agent_id);
    write_text(writer, "to", metadata.to);
    write_text(writer, "answered_by", metadata.answered_by);
    return writer.finish();
}

Result<CallMetadata> decode_metadata(std::string_view json) {
    WRAPUP_TRY(const object state, parse_state(json));
    CallMetadata metadata;
    metadata.name = json_string(&state, "name");
    metadata.contact_name = json_string(&state, "contact_name");
    metadata.campaign_id = json_string(&state, "campaign_id");
    metadata.campaign_name = json_string(&state, "campaign_name");
    metadata.campaign_description = json_string(&state, "campaign_description");
    metadata.conversation_id = json_string(&state, "conversation_id");
    metadata.agent_id = json_string(&state, "agent_id");
    metadata.to = json_string(&state, "to");
    metadata.answered_by = json_string(&state, "answered_by");
    return metadata;
}

}  // namespace wrapup
