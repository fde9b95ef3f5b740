#pragma once

#include <string>

#include "codec/bytes/form.hpp"
#include "ports/call_placing.hpp"
#include "ports/clock.hpp"
#include "ports/http_transport.hpp"
#include "ports/twilio_api.hpp"

namespace wrapup {

// Twilio's REST API, version 2010-04-01. Source: Twilio docs "Call resource", "API responses".
class TwilioRest final : public TwilioApi, public CallPlacing {
public:
    // `account_sid` signs in, and goes into the path of calls that name no account of their own.
    TwilioRest(HttpTransport& transport, const Clock& clock, std::string base_url,
               std::string account_sid, std::string auth_token);

    Task<Result<FetchedCall>> fetch_call(CallAddress address) override;
    Task<CallListAnswer> list_calls(CallListQuery query) override;
    Task<CreateAnswer> create_call(OutboundCall order) override;
    Task<Result<std::vector<TwilioCall>>> list_calls_between(std::string from,
                                                             std::string to) override;
    Task<Result<void>> end_call(std::string call_sid, CallStatus status) override;

private:
    HttpRequest request_for(std::string url) const;
    HttpRequest form_to(std::string_view path, const Form& form) const;
    std::string calls_url() const;

    HttpTransport& transport_;
    const Clock& clock_;
    const std::string base_url_;
    const std::string account_sid_;
    const std::string auth_token_;
};

}  // namespace wrapup
