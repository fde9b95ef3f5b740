#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "app/cli/cli.hpp"
#include "app/cli/line_filter.hpp"

namespace wrapup {

// The options of `line` that say which server is meant, each after a space, as typed in a shell.
std::string server_options(const CommandLine& line);

// `text` with these options in each command of a running server that it names: copied, it goes to
// the same one.
std::string with_server_options(std::string_view text, std::string_view options);

// Puts them into what goes through it.
LineFilter next_commands(std::ostream& behind, const std::string& options);

}  // namespace wrapup
