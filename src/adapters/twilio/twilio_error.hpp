#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/observation.hpp"
#include "ports/http_transport.hpp"

namespace wrapup {

inline const std::string twilio_accounts_path = "/2010-04-01/Accounts/";

// What an answer that is no success means.
Error twilio_error(const HttpAnswer& answer);
// A proxy between may mix answers up. What names no account may be of that one.
bool is_of_account(const TwilioCall& call, std::string_view account_sid);

}  // namespace wrapup
