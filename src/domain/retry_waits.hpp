#pragma once

// When numbers of a list are called again, as people write it.

#include <optional>
#include <string>
#include <vector>

#include "domain/dial_list.hpp"

namespace wrapup {

// Up to 10 of 1s to 30d, as "15m", "1h"; nothing: they are not.
std::optional<RetryWaits> parse_retry_waits(const std::vector<std::string>& texts);

}  // namespace wrapup
