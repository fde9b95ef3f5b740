#include "codec/json_text.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace wrapup {

namespace {

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20U; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80U; }

void append_escaped(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20U) {
        out += {'\\', c};
    } else {
        out += "\\u00";
        out += {digits[byte >> 4U], digits[byte & 15U]};
    }
}

void append_text(std::string& out, std::string_view text) {
    out += '"';
    while (true) {
        const auto stop = std::find_if(text.begin(), text.end(), needs_escape);
        out.append(text.begin(), stop);
        if (stop == text.end()) break;
        append_escaped(out, *stop);
        text.remove_prefix(static_cast<std::size_t>(stop - text.begin()) + 1);
    }
    out += '"';
}

void append_string(std::string& out, std::string_view text) {
    if (std::all_of(text.begin(), text.end(), is_ascii)) return append_text(out, text);
    append_text(out, to_valid_utf8(text));
}

}  // namespace

void JsonObjectWriter::append_key(std::string_view key) {
    if (text_.size() > 1) text_ += ',';
    append_string(text_, key);
    text_ += ':';
}

void JsonObjectWriter::text(std::string_view key, std::string_view value) {
    append_key(key);
    append_string(text_, value);
}

void JsonObjectWriter::number(std::string_view key, std::int64_t value) {
    append_key(key);
    text_ += std::to_string(value);
}

void JsonObjectWriter::flag(std::string_view key, bool value) {
    append_key(key);
    text_ += value ? "true" : "false";
}

std::string JsonObjectWriter::finish() {
    text_ += '}';
    return std::move(text_);
}

}  // namespace wrapup
