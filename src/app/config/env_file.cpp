#include "app/config/env_file.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr std::size_t name_shown_max = 100;

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

char unescaped(char c) {
    if (c == 'n') return '\n';
    if (c == 't') return '\t';
    if (c == 'r') return '\r';
    return c;
}

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

// What stands behind a closing quote on its line may only be blank or a comment.
bool is_tail(std::string_view text) {
    const std::string_view tail = trim(text.substr(0, text.find('\n')));
    return tail.empty() || tail.front() == '#';
}

struct Quoted {
    std::string value;
    std::size_t size = 0;  // With both quotes.
};

// `text` begins with a quote and goes on to the end of the file.
std::optional<Quoted> read_quoted(std::string_view text) {
    constexpr std::string_view escapable = "ntr\"\\$";
    const char quote = text.front();
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == quote) {
            if (!is_tail(text.substr(i + 1))) return {};
            return Quoted{std::move(value), i + 1};
        }
        const bool is_escape = quote == '"' && text[i] == '\\' && i + 1 < text.size() &&
                               escapable.find(text[i + 1]) != std::string_view::npos;
        value += is_escape ? unescaped(text[++i]) : text[i];
    }
    return {};
}

// Quotes inside quotes of the same kind, {"x":"y"} in "…", as the dotenv libraries take them.
std::optional<Quoted> read_outermost(std::string_view text) {
    const std::string_view row = trim(text.substr(0, text.find('\n')));
    if (row.size() < 2 || row.back() != row.front()) return {};
    return Quoted{std::string(row.substr(1, row.size() - 2)), row.size()};
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

std::string with_plain_line_ends(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r') {
            plain += text[i];
        } else if (i + 1 == text.size() || text[i + 1] != '\n') {
            plain += '\n';
        }
    }
    return plain;
}

class Parser {
public:
    explicit Parser(std::string_view text) : rest_(text) {}

    EnvFile parse() {
        while (!rest_.empty()) parse_row();
        return std::move(file_);
    }

private:
    void parse_row() {
        const std::string_view row = trim(rest_.substr(0, rest_.find('\n')));
        const std::string_view assignment = without_export(row);
        if (row.find('\0') != std::string_view::npos) {
            blame("", "holds a zero byte");
        } else if (!assignment.empty() && assignment.front() != '#') {
            parse_assignment(assignment);
        }
        skip(rest_.find('\n'));
    }

    void parse_assignment(std::string_view text) {
        const std::size_t equals = text.find('=');
        const std::string_view name = trim(text.substr(0, equals));
        if (equals == std::string_view::npos) {
            return blame(is_env_name(name) ? name : "", "expected KEY=VALUE");
        }
        if (!is_env_name(name)) return blame("", "the name before '=' is not one");
        EnvEntry entry{std::string(name), "", line_};
        const std::string_view value = trim(text.substr(equals + 1));
        if (!value.empty() && is_quote(value.front())) return parse_quoted(entry, value);
        if (!value.empty() && value.front() != '#') entry.value = read_bare(value);
        file_.entries.push_back(std::move(entry));
    }

    // `value` lies within rest_, and may go on behind its line.
    void parse_quoted(EnvEntry& entry, std::string_view value) {
        const auto offset = static_cast<std::size_t>(value.data() - rest_.data());
        const std::string_view open = rest_.substr(offset);
        std::optional<Quoted> quoted = read_quoted(open);
        if (!quoted) quoted = read_outermost(open);
        if (!quoted) {
            return blame(entry.name,
                         "the quotes of " + shown(entry.name) + " do not end the value");
        }
        if (quoted->value.find('\0') != std::string::npos) {
            return blame(entry.name, "holds a zero byte");
        }
        entry.value = std::move(quoted->value);
        file_.entries.push_back(std::move(entry));
        const std::string_view taken = rest_.substr(0, offset + quoted->size);
        line_ += static_cast<int>(std::count(taken.begin(), taken.end(), '\n'));
        rest_.remove_prefix(taken.size());
    }

    void skip(std::size_t line_end) {
        rest_ =
            line_end == std::string_view::npos ? std::string_view{} : rest_.substr(line_end + 1);
        line_ += 1;
    }

    static std::string shown(const std::string& name) { return name.substr(0, name_shown_max); }

    void blame(std::string_view name, std::string_view why) {
        file_.faults.push_back({line_, std::string(name),
                                ".env line " + std::to_string(line_) + ": " + std::string(why)});
    }

    std::string_view rest_;
    int line_ = 1;
    EnvFile file_;
};

}  // namespace

bool is_env_name(std::string_view text) {
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

EnvFile parse_env_file(std::string_view text) {
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
        return {{}, {{1, ".env", ".env is UTF-16; save it as UTF-8"}}};
    }
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // What Windows editors write.
    const std::string plain = with_plain_line_ends(text);
    return Parser(plain).parse();
}

}  // namespace wrapup
