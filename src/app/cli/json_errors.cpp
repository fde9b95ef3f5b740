#include "app/cli/json_errors.hpp"

#include "base/console_text.hpp"
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
        behind_ << terminal_json(line_);
    }
    line_.clear();
}

JsonOutput::~JsonOutput() { pass(text_.size()); }

JsonOutput::int_type JsonOutput::overflow(int_type next) {
    if (traits_type::eq_int_type(next, traits_type::eof())) return traits_type::not_eof(next);
    const char c = traits_type::to_char_type(next);
    return xsputn(&c, 1) == 1 ? next : traits_type::eof();
}

std::streamsize JsonOutput::xsputn(const char* text, std::streamsize size) {
    const std::string_view more(text, static_cast<std::size_t>(size));
    const std::size_t end_of_line = more.rfind('\n');
    const std::size_t kept_before = text_.size();
    text_ += more;
    const bool is_well = end_of_line == more.npos || pass(kept_before + end_of_line + 1);
    return is_well ? size : 0;
}

int JsonOutput::sync() {
    const bool is_well = pass(text_.size());
    return is_well && behind_.flush() ? 0 : -1;
}

bool JsonOutput::pass(std::size_t size) {
    behind_ << terminal_json(std::string_view(text_).substr(0, size));
    text_.erase(0, size);
    return behind_.good();
}

}  // namespace wrapup
