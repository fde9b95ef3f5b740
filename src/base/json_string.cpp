#include "base/json_string.hpp"

#include <algorithm>
#include <array>

#include "base/hex.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

// Bytes that stand for themselves: nearly all there are.
constexpr std::array<bool, 256> plain = [] {
    std::array<bool, 256> table{};
    for (std::size_t byte = 0x20; byte < 0x80; ++byte) table[byte] = byte != '"' && byte != '\\';
    return table;
}();

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20U; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80U; }

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        case '"':
        case '\\': out += {'\\', c}; return;
        default: break;
    }
    out += "\\u00";
    append_hex(out, static_cast<unsigned char>(c));
}

void append_quoted(std::string& out, std::string_view text) {
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

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    const auto is_plain = [](char c) { return plain[static_cast<unsigned char>(c)]; };
    if (std::all_of(text.begin(), text.end(), is_plain)) {
        out += '"';
        out += text;
        out += '"';
        return;
    }
    if (std::all_of(text.begin(), text.end(), is_ascii)) return append_quoted(out, text);
    append_quoted(out, to_valid_utf8(text));
}

std::string json_quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

}  // namespace wrapup
