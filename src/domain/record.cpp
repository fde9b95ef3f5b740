#include "domain/record.hpp"

#include "base/text.hpp"

namespace wrapup {
namespace {

// RFC 8259 section 7: only the quote, the backslash and control characters need escaping;
// everything else stays UTF-8. Written here and not by a library, so that the bytes never change
// with one.
void append_string(std::string& out, std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char c : to_valid_utf8(text)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20U) {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
    out += ",\"";
    out += key;
    out += "\":";
    append_string(out, value);
}

}  // namespace

std::string render_record(const Record& record) {
    std::string out = R"({"type":"conversationAICall")";
    append_member(out, "subject", record.subject);
    append_member(out, "to", record.to);
    append_member(out, "name", record.name);
    append_member(out, "summary", record.summary);
    append_member(out, "status", to_string(record.status));
    out += ",\"duration\":";
    out += std::to_string(record.duration_s);
    out += '}';
    return out;
}

std::string webhook_id_of(std::string_view call_id) {
    // Anything unusual as "-<hex>", so that two different calls never share an id.
    constexpr char digits[] = "0123456789abcdef";
    std::string id = "call_";
    for (const char c : call_id) {
        const bool is_plain =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (is_plain) {
            id += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            id += {'-', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return id;
}

}  // namespace wrapup
