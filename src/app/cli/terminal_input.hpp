#pragma once

// What a person types.

#include <optional>
#include <string>

namespace wrapup {

// The answer, a line without its end; nothing at the end of the input. `is_secret`: the terminal
// does not show it. Ctrl-C ends the process, with the terminal as it was.
std::optional<std::string> ask_at_terminal(const std::string& question, bool is_secret);

}  // namespace wrapup
