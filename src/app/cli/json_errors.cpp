#include "app/cli/json_errors.hpp"

#include "base/json_string.hpp"

namespace wrapup {
namespace {

constexpr std::string_view program = "wrapup";

// "wrapup: what" and "wrapup send: what"; nothing where it is no error.
std::string_view error_in(std::string_view line) {
    if (!line.starts_with(program)) return {};
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) return {};
    const std::string_view command = line.substr(program.size(), colon - program.size());
    const bool is_command = command.empty() || (command.front() == ' ' &&
                                                command.find(' ', 1) == std::string_view::npos);
    return is_command ? line.substr(colon + 2) : std::string_view{};
}

}  // namespace

std::string json_error(std::string_view what) { return "{\"error\":" + json_quoted(what) + "}\n"; }

JsonErrors::~JsonErrors() { pass_line(); }

JsonErrors::int_type JsonErrors::overflow(int_type next) {
    if (traits_type::eq_int_type(next, traits_type::eof())) return traits_type::not_eof(next);
    line_ += traits_type::to_char_type(next);
    if (line_.back() == '\n') pass_line();
    return next;
}

// What may still become an error is kept until its line ends.
int JsonErrors::sync() {
    if (!line_.starts_with(program)) pass_line();
    behind_.flush();
    return 0;
}

void JsonErrors::pass_line() {
    std::string_view line = line_;
    const bool is_whole = line.ends_with('\n');
    if (is_whole) line.remove_suffix(1);
    const std::string_view error = error_in(line);
    if (error.empty()) {
        behind_ << line_;
    } else {
        behind_ << json_error(error);
    }
    line_.clear();
}

}  // namespace wrapup
