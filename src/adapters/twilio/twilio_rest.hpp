#pragma once

#include <string>

#include "ports/http_transport.hpp"
#include "ports/twilio_api.hpp"

namespace wrapup {

// Twilio's REST API, version 2010-04-01. Source: Twilio docs "Call resource", "API responses".
class TwilioRest final : public TwilioApi {
public:
    // `base_url` without a trailing slash. `account_sid` goes into the path.
    TwilioRest(HttpTransport& transport, std::string base_url, std::string account_sid,
               std::string auth_token);

    Task<Result<FetchedCall>> fetch_call(std::string call_sid) override;

private:
    HttpTransport& transport_;
    const std::string calls_url_;
    const std::string account_sid_;
    const std::string auth_token_;
};

}  // namespace wrapup
