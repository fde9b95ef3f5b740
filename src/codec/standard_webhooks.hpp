#pragma once

// Standard Webhooks 1.0, symmetric signatures: HMAC-SHA256 over "<id>.<timestamp>.<body>".

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace wrapup {

// Decodes "whsec_<base64>" (24 to 64 bytes as the specification asks). invalid_input otherwise.
Result<std::string> parse_webhook_secret(std::string_view text);
// "v1,<base64>": the value of webhook-signature.
std::string sign_webhook(std::string_view key, std::string_view webhook_id, UtcTime at,
                         std::string_view body);

}  // namespace wrapup
