#pragma once

// The answer of ElevenLabs' "List webhooks" of a workspace. Source: its OpenAPI description.

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/reconciliation.hpp"

namespace wrapup {

// invalid_input: not JSON, or no list in it. URLs lose user, query and fragment.
Result<std::vector<WebhookHealth>> parse_webhook_list(std::string_view json);

}  // namespace wrapup
