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

LineFilter next_commands(std::ostream& behind, const std::string& options) {
    const auto change = [options](std::string_view text) {
        return with_server_options(text, options);
    };
    // A command may go on in the next line.
    const auto waits = [](std::string_view text) {
        return text.ends_with('\n') && trim(text).ends_with(program);
    };
    return {behind, change, waits};
}

}  // namespace wrapup
