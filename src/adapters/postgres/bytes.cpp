#include "adapters/postgres/bytes.hpp"

#include <algorithm>
#include <cstdint>

namespace wrapup::postgres {
namespace {

constexpr std::string_view stand_in_start = "\xF4\x8F";  // U+10F000 to U+10FFFF.

constexpr std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}

bool continues(std::uint8_t byte) { return (byte & 0xC0) == 0x80; }

bool is_stand_in(std::string_view text) {
    return text.starts_with(stand_in_start) && byte_at(text, 2) >= 0xBC &&
           continues(byte_at(text, 2)) && continues(byte_at(text, 3));
}

// How many bytes the first character has that can be stored as it is; 0: its first byte cannot.
std::size_t plain_size(std::string_view text) {
    const std::uint8_t first = byte_at(text, 0);
    const std::uint8_t second = byte_at(text, 1);
    if (first < 0x80) return first == 0 ? 0 : 1;
    if (first < 0xC2 || first > 0xF4 || !continues(second)) return 0;
    if (first < 0xE0) return 2;
    if (!continues(byte_at(text, 2))) return 0;
    if (first < 0xF0) {
        const bool is_overlong = first == 0xE0 && second < 0xA0;
        const bool is_surrogate = first == 0xED && second >= 0xA0;
        return is_overlong || is_surrogate ? 0 : 3;
    }
    const bool is_overlong = first == 0xF0 && second < 0x90;
    const bool is_too_large = first == 0xF4 && second >= 0x90;
    if (!continues(byte_at(text, 3)) || is_overlong || is_too_large) return 0;
    return is_stand_in(text) ? 0 : 4;
}

void append_stand_in(std::string& stored, std::uint8_t byte) {
    stored += stand_in_start;
    stored += static_cast<char>(0xBC + (byte >> 6));
    stored += static_cast<char>(0x80 + (byte & 0x3F));
}

}  // namespace

std::string to_stored(std::string_view bytes) {
    std::string stored;
    stored.reserve(bytes.size());
    while (!bytes.empty()) {
        const std::size_t size = plain_size(bytes);
        if (size == 0) {
            append_stand_in(stored, byte_at(bytes, 0));
        } else {
            stored.append(bytes.substr(0, size));
        }
        bytes.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return stored;
}

bool has_stand_ins(std::string_view stored) {
    return stored.find(stand_in_start) != std::string_view::npos;
}

std::string from_stored(std::string_view stored) {
    std::string bytes;
    bytes.reserve(stored.size());
    while (!stored.empty()) {
        const bool is_one = is_stand_in(stored);
        if (is_one) {
            const int high = byte_at(stored, 2) - 0xBC;
            bytes += static_cast<char>((high << 6) | (byte_at(stored, 3) & 0x3F));
        } else {
            bytes += stored.front();
        }
        stored.remove_prefix(is_one ? 4 : 1);
    }
    return bytes;
}

}  // namespace wrapup::postgres
