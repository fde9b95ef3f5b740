#include "domain/record.hpp"

#include "base/hex.hpp"
#include "base/json_string.hpp"

namespace wrapup {
namespace {

void append_member(std::string& out, std::string_view key, std::string_view value) {
    out += ",\"";
    out += key;
    out += "\":";
    append_json_string(out, value);
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
    std::string id = "call_";
    for (const char c : call_id) {
        const bool is_plain =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (is_plain) {
            id += c;
        } else {
            id += '-';
            append_hex(id, static_cast<unsigned char>(c));
        }
    }
    return id;
}

}  // namespace wrapup
