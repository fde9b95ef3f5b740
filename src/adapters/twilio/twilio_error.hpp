#pragma once

#include <string>

#include "base/result.hpp"
#include "ports/http_transport.hpp"

namespace wrapup {

inline const std::string twilio_accounts_path = "/2010-04-01/Accounts/";

// What an answer that is no success means.
Error twilio_error(const HttpAnswer& answer);

}  // namespace wrapup
