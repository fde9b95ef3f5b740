#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "app/cli/line_filter.hpp"

namespace wrapup {

// How an error begins on a terminal.
constexpr std::string_view complaint_prefix = "wrapup: ";

// A problem document (RFC 9457) and a line feed.
std::string problem_line(std::string_view detail);

// For --json: errors ("wrapup: …") go through as problem_line(), everything else as it is; a
// server's own problem document too, with what a terminal acts on escaped.
LineFilter json_errors(std::ostream& behind);

// For documents: they go through as terminal_json().
LineFilter json_output(std::ostream& behind);

}  // namespace wrapup
