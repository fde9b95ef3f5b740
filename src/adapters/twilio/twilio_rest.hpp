#pragma once

#include <string>

#include "ports/http_transport.hpp"
#include "ports/twilio_api.hpp"

namespace wrapup {

// Twilio's REST API, version 2010-04-01. Source: Twilio docs "Call resource", "API responses".
class TwilioRest final : public TwilioApi {
public:
    // `account_sid` signs in, and goes into the path of calls that name no account of their own.
    TwilioRest(HttpTransport& transport, std::string base_url, std::string account_sid,
               std::string auth_token);

    Task<Result<FetchedCall>> fetch_call(CallAddress address) override;

private:
    HttpTransport& transport_;
    const std::string accounts_url_;
    const std::string account_sid_;
    const std::string auth_token_;
};

}  // namespace wrapup
