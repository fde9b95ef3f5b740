#pragma once

// `wrapup campaign`: the calls of a campaign, as the running server has them.

#include <functional>
#include <string>
#include <string_view>

#include "app/cli/api_client.hpp"
#include "app/cli/cli.hpp"

namespace wrapup {

std::string campaign_path(const std::string& campaign, std::string_view rest = "");

// Trouble of a server that is there again in a moment.
bool is_passing(int status);
// For questions that may be repeated: asks again for half a minute while nobody answers.
Result<ApiAnswer> ask_patiently(const std::function<Result<ApiAnswer>()>& ask);

// Until all are called, or the list is paused.
int follow_list(Console& console, const CommandLine& line, const ApiClient& client,
                const std::string& campaign);

}  // namespace wrapup
