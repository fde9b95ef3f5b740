#pragma once

// The token in the path of every URL that Twilio is given for an intent: its id and what proves
// that we made it.

#include <optional>
#include <string>
#include <string_view>

namespace wrapup {

inline constexpr std::size_t intent_id_size = 32;  // Lower-case hex.

std::string make_place_token(std::string_view secret, std::string_view intent_id);
// The intent's id; nothing when the token is not ours. Compared in constant time.
std::optional<std::string> read_place_token(std::string_view secret, std::string_view token);

}  // namespace wrapup
