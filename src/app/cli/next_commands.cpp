#include "app/cli/next_commands.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr std::string_view program = "wrapup";
constexpr std::string_view blank = " \n";

// Those that ask a running server; the others are for the machine they are typed on.
bool asks_server(std::string_view command) {
    constexpr std::array<std::string_view, 13> commands = {
        "status",      "trigger", "call",      "campaign", "calls",  "show",  "send",
        "destination", "replay",  "reconcile", "ledger",   "doctor", "nodes",
    };
    return std::ranges::find(commands, command) != commands.end();
}

bool is_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '/' || c == '.';
}

std::string_view word_at(std::string_view text, std::size_t begin) {
    std::size_t end = begin;
    while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') end += 1;
    return text.substr(begin, end - begin);
}

}  // namespace

std::string server_options(const CommandLine& line) {
    std::string options;
    const auto add = [&options](std::string_view name, const std::string& value) {
        if (!value.empty()) options += " " + std::string(name) + " " + shell_word(value);
    };
    add("--profile", line.profile);
    add("--url", line.url);
    add("--token-file", line.token_file);
    return options;
}

std::string with_server_options(std::string_view text, std::string_view options) {
    std::string out;
    std::size_t done = 0;
    for (;;) {
        const std::size_t found = text.find(program, done);
        if (found == text.npos) return out.append(text.substr(done));
        const std::size_t end = found + program.size();
        out.append(text.substr(done, end - done));
        done = end;
        const bool is_word = found == 0 || !is_of_word(text[found - 1]);
        const std::size_t next = text.find_first_not_of(blank, end);
        if (is_word && next != text.npos && next > end && asks_server(word_at(text, next))) {
            out.append(options);
        }
    }
}

NextCommands::~NextCommands() { (void)pass(); }

NextCommands::int_type NextCommands::overflow(int_type next) {
    if (traits_type::eq_int_type(next, traits_type::eof())) return traits_type::not_eof(next);
    text_ += traits_type::to_char_type(next);
    // A command may go on in the next line.
    const bool is_end = text_.back() == '\n' && !trim(text_).ends_with(program);
    return !is_end || pass() ? next : traits_type::eof();
}

int NextCommands::sync() {
    const bool is_well = pass();
    return is_well && behind_.flush() ? 0 : -1;
}

bool NextCommands::pass() {
    behind_ << with_server_options(text_, options_);
    text_.clear();
    return behind_.good();
}

}  // namespace wrapup
