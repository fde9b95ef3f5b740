#include "app/cli/json_errors.hpp"

#include "base/json_string.hpp"

namespace wrapup {
std::string problem_line(std::string_view detail) {
    return R"({"type":"about:blank","title":"Error","detail":)" + json_quoted(detail) + "}\n";
}

JsonErrors::~JsonErrors() { pass_line(); }

JsonErrors::int_type JsonErrors::overflow(int_type next) {
    if (traits_type::eq_int_type(next, traits_type::eof())) return traits_type::not_eof(next);
    line_ += traits_type::to_char_type(next);
    if (line_.back() == '\n') pass_line();
    return next;
}

// What may still become an error is kept until its line ends.
int JsonErrors::sync() {
    if (!line_.starts_with(complaint_prefix)) pass_line();
    behind_.flush();
    return 0;
}

void JsonErrors::pass_line() {
    std::string_view line = line_;
    const bool is_whole = line.ends_with('\n');
    if (is_whole) line.remove_suffix(1);
    if (line.starts_with(complaint_prefix)) {
        behind_ << problem_line(line.substr(complaint_prefix.size()));
    } else {
        behind_ << line_;
    }
    line_.clear();
}

}  // namespace wrapup
