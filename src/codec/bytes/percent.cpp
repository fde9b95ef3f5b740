#include "codec/bytes/percent.hpp"

#include <algorithm>

#include "base/hex.hpp"

namespace wrapup {
namespace {

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_unreserved(char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
bool is_plain_in_form(char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '*';
}

void append_escape(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4U], digits[byte & 15U]};
}

// `special`: '%', and what else does not stand for itself.
std::optional<std::string> decode(std::string_view text, std::string_view special) {
    std::string decoded;
    decoded.reserve(text.size());
    while (true) {
        const std::size_t plain_size = std::min(text.find_first_of(special), text.size());
        decoded.append(text, 0, plain_size);
        if (plain_size == text.size()) return decoded;
        text.remove_prefix(plain_size);
        if (text.front() == '+') {
            decoded += ' ';
            text.remove_prefix(1);
            continue;
        }
        const int high = text.size() < 3 ? -1 : hex_digit(text[1]);
        const int low = text.size() < 3 ? -1 : hex_digit(text[2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        text.remove_prefix(3);
    }
}

}  // namespace

std::string percent_encode(std::string_view text) {
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            encoded += c;
        } else {
            append_escape(encoded, c);
        }
    }
    return encoded;
}

std::optional<std::string> percent_decode(std::string_view text) { return decode(text, "%"); }

std::string form_encode(std::string_view text) {
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (is_plain_in_form(c)) {
            encoded += c;
        } else if (c == ' ') {
            encoded += '+';
        } else {
            append_escape(encoded, c);
        }
    }
    return encoded;
}

std::optional<std::string> form_decode(std::string_view text) { return decode(text, "%+"); }

}  // namespace wrapup
