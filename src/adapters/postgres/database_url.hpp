#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wrapup::postgres {

// invalid_input, in words that follow the setting's name and quote nothing of the URL.
Result<std::string> parse_database_url(std::string_view text);

}  // namespace wrapup::postgres
