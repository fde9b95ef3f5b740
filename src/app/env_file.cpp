#include "app/env_file.hpp"

#include <optional>

#include "base/text.hpp"

namespace wrapup {
namespace {

bool is_name(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    };
    if (text.empty() || !is_letter(text.front())) return false;
    for (const char c : text) {
        if (!is_letter(c) && !(c >= '0' && c <= '9')) return false;
    }
    return true;
}

Error wrong(int line, std::string_view why) {
    return Error{Errc::invalid_input,
                 ".env line " + std::to_string(line) + ": " + std::string(why)};
}

char unescaped(char c) {
    if (c == 'n') return '\n';
    if (c == 't') return '\t';
    if (c == 'r') return '\r';
    return c;
}

// The text after a closing quote may only be blank or a comment.
bool is_tail(std::string_view text) {
    const std::string_view tail = trim(text);
    return tail.empty() || tail.front() == '#';
}

std::optional<std::string> read_single_quoted(std::string_view text) {
    const std::size_t end = text.find('\'', 1);
    if (end == std::string_view::npos || !is_tail(text.substr(end + 1))) return {};
    return std::string(text.substr(1, end - 1));
}

std::optional<std::string> read_double_quoted(std::string_view text) {
    constexpr std::string_view escapable = "ntr\"\\$";
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            if (!is_tail(text.substr(i + 1))) return {};
            return value;
        }
        const bool is_escape = text[i] == '\\' && i + 1 < text.size() &&
                               escapable.find(text[i + 1]) != std::string_view::npos;
        value += is_escape ? unescaped(text[++i]) : text[i];
    }
    return {};
}

// A '#' begins a comment only after a blank: colours and URL fragments keep theirs.
std::string read_bare(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '#' && (text[i - 1] == ' ' || text[i - 1] == '\t')) {
            return std::string(trim(text.substr(0, i)));
        }
    }
    return std::string(trim(text));
}

std::string_view without_export(std::string_view line) {
    constexpr std::string_view word = "export";
    if (!line.starts_with(word) || line.size() == word.size()) return line;
    const char next = line[word.size()];
    return next == ' ' || next == '\t' ? trim(line.substr(word.size())) : line;
}

Result<EnvEntry> parse_line(std::string_view text, int line) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return wrong(line, "expected KEY=VALUE");
    EnvEntry entry;
    entry.name = std::string(trim(text.substr(0, equals)));
    entry.line = line;
    if (!is_name(entry.name)) return wrong(line, "the name before '=' is not one");

    const std::string_view raw = text.substr(equals + 1);
    const std::string_view value = trim(raw);
    if (value.empty() || value.front() == '#') return entry;
    if (value.front() != '\'' && value.front() != '"') {
        entry.value = read_bare(value);
        return entry;
    }
    auto quoted = value.front() == '"' ? read_double_quoted(value) : read_single_quoted(value);
    if (!quoted) return wrong(line, "the quotes of " + entry.name + " do not end the value");
    entry.value = *std::move(quoted);
    return entry;
}

}  // namespace

Result<std::vector<EnvEntry>> parse_env_file(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // What Windows editors write.
    std::vector<EnvEntry> entries;
    for (int line = 1; !text.empty(); ++line) {
        const std::size_t end = text.find('\n');
        const std::string_view row = trim(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (row.find('\0') != std::string_view::npos) return wrong(line, "holds a zero byte");
        const std::string_view assignment = without_export(row);
        if (assignment.empty() || assignment.front() == '#') continue;
        WRAPUP_TRY(EnvEntry entry, parse_line(assignment, line));
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace wrapup
