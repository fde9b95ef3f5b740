#include "domain/failure.hpp"

#include <algorithm>
#include <array>

#include "base/fnv.hpp"
#include "base/text.hpp"
#include "domain/plain_text.hpp"

namespace wrapup {
namespace {

// What tells two causes apart lies before this, if it is there at all.
constexpr std::size_t looked_at_max = 2'048;
constexpr std::size_t cause_size_max = 160;
constexpr std::size_t quoted_size_max = 200;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '@' || c == '+' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

// The end of the word that begins there: dots within it are its own.
std::size_t end_of_word(std::string_view text, std::size_t at) {
    const auto goes_on = [&](std::size_t i) {
        return is_word(text[i]) || (text[i] == '.' && i + 1 < text.size() && is_word(text[i + 1]));
    };
    while (at < text.size() && goes_on(at)) ++at;
    return at;
}

// Numbers, ids, times and addresses; of dates the names as well.
bool changes_each_time(std::string_view word) {
    constexpr std::array<std::string_view, 19> names = {
        "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar",
        "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return std::ranges::any_of(word, [](char c) { return is_digit(c) || c == '@'; }) ||
           std::ranges::find(names, word) != names.end();
}

// The end of what is quoted from there on, behind its closing quote; 0: it is no quotation.
// An apostrophe within a word or at its end quotes nothing.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    const char quote = text[at];
    if (quote != '"' && quote != '\'' && quote != '`') return 0;
    if (quote == '\'' && at > 0 && is_word(text[at - 1])) return 0;
    std::size_t end = text.find(quote, at + 1);
    while (quote == '\'' && end != std::string_view::npos && end + 1 < text.size() &&
           is_word(text[end + 1])) {
        end = text.find(quote, end + 1);
    }
    const bool is_one = end != std::string_view::npos && end - at <= quoted_size_max;
    return is_one ? end + 1 : 0;
}

std::string words_of(std::string_view text) {
    std::string words;
    for (std::size_t at = 0; at < text.size();) {
        if (const std::size_t end = end_of_quoted(text, at); end != 0) {
            words.append(1, text[at]).append("#").append(1, text[at]);
            at = end;
        } else if (is_word(text[at])) {
            const std::size_t word_end = end_of_word(text, at);
            const std::string_view word = text.substr(at, word_end - at);
            words += changes_each_time(word) ? "#" : word;
            at = word_end;
        } else if (is_blank(text[at])) {
            if (!words.empty() && words.back() != ' ') words += ' ';
            ++at;
        } else {
            words += text[at++];
        }
    }
    return words;
}

// ---- JSON, which may be cut off ----

std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 1 == text.size()) {
            plain += text[at];
            continue;
        }
        const char escaped = text[++at];
        plain += escaped == 'n' || escaped == 't' || escaped == 'r' ? ' ' : escaped;
    }
    return plain;
}

std::size_t end_of_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
    }
    return std::min(at + 1, text.size());
}

// Whether the value of such a member says what went wrong.
bool tells_cause(std::string_view key) {
    std::string name = to_lower(key);
    std::erase_if(name, [](char c) { return c == '_' || c == '-'; });
    for (const std::string_view end :
         {"error", "errors", "message", "messages", "msg", "detail", "details", "title", "code",
          "type", "reason", "status", "description", "cause"}) {
        if (name.ends_with(end)) return true;
    }
    return false;
}

std::string words_of_json(std::string_view text) {
    std::string words;
    bool is_telling = true;  // As of a list that is all there is.
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '"') {
            const std::size_t end = end_of_word(text, at);
            if (end > at) {
                const std::string_view word = text.substr(at, end - at);
                words += changes_each_time(word) ? "#" : word;
                at = end;
            } else {
                if (!is_blank(text[at])) words += text[at];
                ++at;
            }
            continue;
        }
        const std::size_t end = end_of_string(text, at);
        const bool is_closed = end - at >= 2 && text[end - 1] == '"';
        const std::string content = unescaped(text.substr(at + 1, end - at - (is_closed ? 2 : 1)));
        const std::size_t next = text.find_first_not_of(" \t\n", end);
        const bool is_key = next != std::string_view::npos && text[next] == ':';
        if (is_key) is_telling = tells_cause(content);
        words += '"';
        words += is_key || is_telling ? words_of(content) : "#";
        words += '"';
        at = end;
    }
    return words;
}

}  // namespace

std::string cause_of(const Attempt& attempt) {
    const std::string_view said = attempt.answer.empty() ? attempt.error : attempt.answer;
    const std::string text = plain_text(said.substr(0, looked_at_max));
    const std::string_view trimmed = trim(text);
    const bool is_json = trimmed.starts_with('{') || trimmed.starts_with('[');
    const std::string words = is_json ? words_of_json(trimmed) : words_of(trimmed);
    return std::string(trim(truncate_utf8(words, cause_size_max)));
}

std::string fingerprint_of(std::string_view destination, const Attempt& attempt) {
    std::string text(destination);
    text.append("\n").append(to_string(attempt.outcome));
    text.append("\n").append(std::to_string(attempt.http_status));
    text.append("\n").append(cause_of(attempt));
    return fnv_hex(text);
}

}  // namespace wrapup
