#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wrapup {

// A name that one of the text's objects has twice, at whatever depth: a parsed object no longer
// shows it, and one of the two values is gone. Nothing also where the text is not JSON.
std::optional<std::string> find_repeated_member(std::string_view text);

}  // namespace wrapup
