#include "core/delivery/fingerprint.hpp"

#include <algorithm>

#include "base/fnv.hpp"

namespace wrapup {
namespace {

// What tells two failures of one cause apart lies behind this, if it is there at all.
constexpr std::size_t answer_size_max = 256;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

// Words with a digit in them are numbers, ids and times: each becomes a '#'.
std::string without_numbers(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_word(text[at])) {
            plain += text[at++];
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && is_word(text[end])) ++end;
        const std::string_view word = text.substr(at, end - at);
        if (std::ranges::any_of(word, is_digit)) {
            plain += '#';
        } else {
            plain += word;
        }
        at = end;
    }
    return plain;
}

}  // namespace

std::string fingerprint_of(std::string_view destination, const Attempt& attempt) {
    std::string text(destination);
    text.append("\n").append(to_string(attempt.outcome));
    text.append("\n").append(std::to_string(attempt.http_status));
    const std::string_view said = attempt.answer.empty() ? attempt.error : attempt.answer;
    text.append("\n").append(without_numbers(said.substr(0, answer_size_max)));
    return fnv_hex(text);
}

}  // namespace wrapup
