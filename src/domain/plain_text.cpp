#include "domain/plain_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr char escape = '\x1b';
constexpr std::string_view csi_c1 = "\xC2\x9B";  // U+009B, the same as ESC [.

bool is_between(char c, char low, char high) { return c >= low && c <= high; }

// The size of a control sequence's parameters and its final byte. Source: ECMA-48, section 5.4.
std::size_t parameters_size(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() && is_between(text[size], ' ', '?')) ++size;
    if (size < text.size() && is_between(text[size], '@', '~')) ++size;
    return size;
}

// The size of a command string up to its end (BEL, or ESC and a backslash); 0 when it has none, and
// what follows is text that somebody wants to read.
std::size_t command_size(std::string_view text) {
    const std::size_t end = text.find_first_of("\a\x1b");
    if (end == std::string_view::npos) return 0;
    if (text[end] == '\a') return end + 1;
    return text.substr(end).starts_with("\x1b\\") ? end + 2 : 0;
}

// The size of what begins with ESC.
std::size_t escape_size(std::string_view text) {
    if (text.size() < 2) return 1;
    if (text[1] == '[') return 2 + parameters_size(text.substr(2));
    constexpr std::string_view commands = "]P^_X";
    if (commands.find(text[1]) != std::string_view::npos) return 2 + command_size(text.substr(2));
    return 1;
}

bool is_c1(std::string_view text) {
    return text.size() >= 2 && text[0] == '\xC2' && is_between(text[1], '\x80', '\x9F');
}

bool is_alphanumeric(char c) {
    return is_between(c, '0', '9') || is_between(c, 'a', 'z') || is_between(c, 'A', 'Z');
}

// Blanks that no font shows: no-break and other spaces, zero widths, marks of direction.
constexpr std::array<std::string_view, 36> invisible{
    "\u00A0", "\u00AD", "\u115F", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",
    "\u2006", "\u2007", "\u2008", "\u2009", "\u200A", "\u200B", "\u200C", "\u200D", "\u200E",
    "\u200F", "\u2028", "\u2029", "\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u202F",
    "\u205F", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\u3000", "\u3164", "\uFEFF"};

// The size of the punctuation or blank at that end of the text; 0 for anything else.
std::size_t filler_at_front(std::string_view text) {
    if (text.empty()) return 0;
    const char c = text.front();
    if (static_cast<unsigned char>(c) < 0x80U) return is_alphanumeric(c) ? 0 : 1;
    const auto is_here = [&](std::string_view blank) { return text.starts_with(blank); };
    const auto found = std::ranges::find_if(invisible, is_here);
    return found == invisible.end() ? 0 : found->size();
}

std::size_t filler_at_back(std::string_view text) {
    if (text.empty()) return 0;
    const char c = text.back();
    if (static_cast<unsigned char>(c) < 0x80U) return is_alphanumeric(c) ? 0 : 1;
    const auto is_here = [&](std::string_view blank) { return text.ends_with(blank); };
    const auto found = std::ranges::find_if(invisible, is_here);
    return found == invisible.end() ? 0 : found->size();
}

// What remains between punctuation and blanks: of "(null)" the word, of "--" nothing.
std::string_view core_of(std::string_view text) {
    while (const std::size_t size = filler_at_front(text)) text.remove_prefix(size);
    while (const std::size_t size = filler_at_back(text)) text.remove_suffix(size);
    return text;
}

bool has_template(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> marks{
        {{"{{", "}}"}, {"${", "}"}, {"<%", "%>"}}};
    return std::ranges::any_of(marks, [&](const auto& mark) {
        const std::size_t start = text.find(mark.first);
        return start != std::string_view::npos &&
               text.find(mark.second, start + mark.first.size()) != std::string_view::npos;
    });
}

}  // namespace

std::string plain_text(std::string_view bytes) {
    const std::string valid = to_valid_utf8(bytes);
    std::string_view text = valid;
    std::string plain;
    plain.reserve(text.size());
    while (!text.empty()) {
        const char c = text.front();
        std::size_t size = 1;
        if (c == escape) {
            size = escape_size(text);
        } else if (text.starts_with(csi_c1)) {
            size = 2 + parameters_size(text.substr(2));
        } else if (is_c1(text)) {
            size = 2;
        } else if (is_between(c, '\v', '\r')) {
            if (text.starts_with("\r\n")) size = 2;
            plain += '\n';
        } else if (c == '\t' || c == '\n' ||
                   (static_cast<unsigned char>(c) >= 0x20U && c != 0x7F)) {
            plain += c;
        }
        text.remove_prefix(size);
    }
    return plain;
}

bool is_missing_value(std::string_view text) {
    constexpr std::array<std::string_view, 7> words{"null", "undefined", "none",         "nil",
                                                    "n/a",  "unknown",   "object Object"};
    const std::string_view core = core_of(text);
    const auto is_core = [&](std::string_view word) { return equals_ignoring_case(core, word); };
    if (core.empty() || std::ranges::any_of(words, is_core)) return true;
    const std::string_view trimmed = trim(text);
    return trimmed.starts_with('{') && trimmed.ends_with('}');
}

bool is_placeholder(std::string_view text) { return is_missing_value(text) || has_template(text); }

std::string value_or_empty(std::string_view text) {
    const std::string plain = plain_text(text);
    return is_placeholder(plain) ? std::string{} : std::string(trim(plain));
}

}  // namespace wrapup
