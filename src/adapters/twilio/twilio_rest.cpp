#include "adapters/twilio/twilio_rest.hpp"

#include "codec/bytes/percent.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

constexpr milliseconds timeout{5'000};
// A Call resource is about 2 KiB.
constexpr std::size_t answer_bytes_max = 256U << 10U;

std::string without_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

Error to_error(const HttpAnswer& answer) {
    switch (answer.kind) {
        case HttpAnswer::Kind::unknown: return {Errc::timeout, answer.error};
        case HttpAnswer::Kind::too_large: return {Errc::invalid_input, answer.error};
        case HttpAnswer::Kind::not_sent:
        case HttpAnswer::Kind::blocked: return {Errc::unavailable, answer.error};
        case HttpAnswer::Kind::answered: break;
    }
    const std::string status = "HTTP " + std::to_string(answer.status);
    switch (answer.status) {
        case 404: return {Errc::not_found, "Twilio does not know the call"};
        case 401:
        case 403: return {Errc::unauthorized, status + ": Twilio refuses our credentials"};
        case 429: return {Errc::rate_limited, status};
        default: return {Errc::unavailable, status};
    }
}

}  // namespace

TwilioRest::TwilioRest(HttpTransport& transport, std::string base_url, std::string account_sid,
                       std::string auth_token)
    : transport_(transport),
      accounts_url_(without_slash(std::move(base_url)) + "/2010-04-01/Accounts/"),
      account_sid_(std::move(account_sid)),
      auth_token_(std::move(auth_token)) {}

Task<Result<FetchedCall>> TwilioRest::fetch_call(CallAddress address) {
    if (!is_call_sid(address.call_sid)) co_return Error{Errc::not_found, "not a CallSid"};
    const bool names_account = is_account_sid(address.account_sid);
    const std::string& account_sid = names_account ? address.account_sid : account_sid_;
    HttpRequest request;
    request.url =
        accounts_url_ + percent_encode(account_sid) + "/Calls/" + address.call_sid + ".json";
    request.headers = {{"Accept", "application/json"}};
    request.user = account_sid_;
    request.password = auth_token_;
    request.total_timeout = timeout;
    request.answer_bytes_max = answer_bytes_max;

    HttpAnswer answer = co_await transport_.send(std::move(request));
    if (answer.kind != HttpAnswer::Kind::answered || answer.status != 200) {
        co_return to_error(answer);
    }
    WRAPUP_CO_TRY(TwilioCall call, parse_twilio_call(answer.body));
    if (call.sid != address.call_sid) {
        co_return Error{Errc::invalid_input, "the answer is about another call"};
    }
    FetchedCall fetched;
    fetched.call = std::move(call);
    fetched.payload = std::move(answer.body);
    co_return fetched;
}

}  // namespace wrapup
