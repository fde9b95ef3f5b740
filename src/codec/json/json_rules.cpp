#include "codec/json/json_rules.hpp"

#include "base/text.hpp"

namespace wrapup {

namespace {

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Whether an escape of half a surrogate pair stands at `i`: "\uD8" to "\uDB" (high), "\uDC" on
// (low).
bool is_surrogate(std::string_view text, std::size_t i, bool is_high) {
    if (i + 6 > text.size() || text[i] != '\\' || text[i + 1] != 'u') return false;
    if (text[i + 2] != 'd' && text[i + 2] != 'D') return false;
    const char c = text[i + 3];
    const bool is_low_half = (c >= 'c' && c <= 'f') || (c >= 'C' && c <= 'F');
    const bool is_high_half = c == '8' || c == '9' || c == 'a' || c == 'A' || c == 'b' || c == 'B';
    return (is_high ? is_high_half : is_low_half) && is_hex(text[i + 4]) && is_hex(text[i + 5]);
}

// The size of the word at `i` that means a number no JSON can say; 0 when there is none.
std::size_t odd_number_size(std::string_view text, std::size_t i) {
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
        if (text.substr(i, word.size()) == word) return word.size();
    }
    return 0;
}

// A string from its first quote on; returns where it ends.
std::size_t mend_string(std::string_view text, std::size_t i, std::string& mended) {
    mended += text[i++];
    while (i < text.size()) {
        std::size_t size = 1;
        if (is_surrogate(text, i, true) && is_surrogate(text, i + 6, false)) {
            size = 12;
        } else if (is_surrogate(text, i, true) || is_surrogate(text, i, false)) {
            mended += "\\ufffd";
            i += 6;
            continue;
        } else if (text[i] == '\\' && i + 1 < text.size()) {
            size = 2;
        }
        const bool is_end = text[i] == '"';
        mended.append(text, i, size);
        i += size;
        if (is_end) break;
    }
    return i;
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return text;
}

std::string mend_json(std::string_view broken) {
    const std::string text = to_valid_utf8(broken);
    std::string mended;
    mended.reserve(text.size());
    std::size_t i = 0;
    while (i < text.size()) {
        if (text[i] == '"') {
            i = mend_string(text, i, mended);
        } else if (const std::size_t size = odd_number_size(text, i); size > 0) {
            mended += "null";
            i += size;
        } else {
            mended += text[i++];
        }
    }
    return mended;
}

}  // namespace wrapup
