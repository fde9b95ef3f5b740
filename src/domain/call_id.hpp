#pragma once

#include <string_view>

namespace wrapup {

// What a CallSid or a conversation id may look like: 1 to 128 letters, digits, '_', '-', '.'.
bool is_plausible_call_id(std::string_view text);

}  // namespace wrapup
