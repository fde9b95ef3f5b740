#pragma once

// CRM_WEBHOOK_HEADERS: a JSON object of HTTP headers.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

using Headers = std::vector<std::pair<std::string, std::string>>;

// {"x-api-key": "…"}: names are HTTP tokens, each once whatever its case; values are strings
// without control characters. Names that wrapup sets itself (content-type, idempotency-key,
// webhook-id, …) are refused. invalid_input otherwise; the error never quotes a value.
Result<Headers> parse_header_object(std::string_view text);

}  // namespace wrapup
