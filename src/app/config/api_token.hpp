#pragma once

// The bearer token that guards /api when WRAPUP_API_TOKEN is not set: generated once, kept in the
// data folder.

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace wrapup {

constexpr const char* api_token_file_name = "api_token";

// The token in that folder's file; not_found when there is none, invalid_input when it is too short
// or not fit to be sent.
Result<std::string> read_api_token(const std::filesystem::path& folder);

struct ApiToken {
    std::string token;
    bool is_new = false;  // Just made: show it once, if the output is a terminal.
};
// The same, or makes one of 32 random bytes in a file of mode 0600. The folder must exist. Two that
// start at once agree on one token.
Result<ApiToken> load_or_make_api_token(const std::filesystem::path& folder);

}  // namespace wrapup
