#pragma once

#include <string_view>

#include "ports/elevenlabs_api.hpp"

namespace wrapup {

// The answer of "List conversations". Items without a conversation_id are left out. invalid_input:
// not JSON, or no list in it.
Result<ConversationList> parse_conversation_list(std::string_view json);

}  // namespace wrapup
