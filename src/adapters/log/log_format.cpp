#include "adapters/log/log_format.hpp"

#include <algorithm>

#include "base/console_text.hpp"
#include "base/hex.hpp"
#include "codec/json/json_text.hpp"

namespace wrapup {
namespace {

std::string_view text_level(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return "DEBUG";
        case LogLevel::info: return "INFO";
        case LogLevel::warning: return "WARN";
        case LogLevel::error: return "ERROR";
    }
    return "ERROR";
}

std::string_view json_level(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return "debug";
        case LogLevel::info: return "info";
        case LogLevel::warning: return "warning";
        case LogLevel::error: return "error";
    }
    return "error";
}

std::string_view tag_text(LogTag tag) {
    switch (tag) {
        case LogTag::none: return {};
        case LogTag::twilio: return "[Twilio CRM]";
        case LogTag::elevenlabs: return "[ElevenLabs CRM]";
    }
    return {};
}

bool is_bare(char c) { return (c > ' ' && c < 0x7f) && c != '"' && c != '=' && c != '\\'; }

void append_code(std::string& text, unsigned char byte) {
    text += "\\u00";
    append_hex(text, byte);
}

// What a terminal acts on is escaped, as in JSON.
void append_escaped(std::string& text, std::string_view value) {
    std::string quoted;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            quoted += {'\\', c};
        } else if (c == '\n') {
            quoted += "\\n";
        } else if (byte < 0x20) {
            append_code(quoted, byte);
        } else {
            quoted += c;
        }
    }
    text += terminal_json(quoted);
}

void append_field(std::string& text, std::string_view key, std::string_view value) {
    text.append(" ").append(key).append("=");
    if (!value.empty() && std::all_of(value.begin(), value.end(), is_bare)) {
        text.append(value);
        return;
    }
    text += '"';
    append_escaped(text, value);
    text += '"';
}

}  // namespace

std::string format_text_line(const LogLine& line, UtcTime at) {
    std::string text = format_rfc3339(at);
    text.append(" ").append(text_level(line.level)).append(" ");
    const std::string_view tag = tag_text(line.tag);
    if (!tag.empty()) text.append(tag).append(" ");
    append_escaped(text, line.message);
    if (!line.call_id.empty()) append_field(text, "call_id", line.call_id);
    for (const auto& [key, value] : line.fields) append_field(text, key, value);
    return text;
}

std::string format_json_line(const LogLine& line, UtcTime at) {
    JsonObjectWriter writer;
    writer.text("time", format_rfc3339(at));
    writer.text("level", json_level(line.level));
    const std::string_view tag = tag_text(line.tag);
    if (!tag.empty()) writer.text("tag", tag);
    writer.text("message", line.message);
    if (!line.call_id.empty()) writer.text("call_id", line.call_id);
    for (const auto& [key, value] : line.fields) writer.text(key, value);
    return terminal_json(writer.take());
}

}  // namespace wrapup
