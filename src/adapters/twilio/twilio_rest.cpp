#include "adapters/twilio/twilio_rest.hpp"

#include "adapters/twilio/twilio_error.hpp"
#include "base/retry_after.hpp"
#include "base/text.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/twilio/call_list.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

constexpr milliseconds timeout{5'000};
// Requests at a time: Twilio bounds an account's (429, 20429) by a number that it does not publish.
constexpr std::size_t places = 32;
// A Call resource is about 2 KiB.
constexpr std::size_t answer_bytes_max = 256U << 10U;
// Pages small enough that reading one holds nobody up.
constexpr int page_size = 200;
constexpr milliseconds list_timeout{15'000};
constexpr std::size_t list_bytes_max = 8U << 20U;

std::string without_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

}  // namespace

bool is_of_account(const TwilioCall& call, std::string_view account_sid) {
    return call.account_sid.empty() || equals_ignoring_case(call.account_sid, account_sid);
}

Error twilio_error(const HttpAnswer& answer) {
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
        case 400: return {Errc::invalid_input, status};
        case 401:
        case 403: return {Errc::unauthorized, "Twilio refuses our credentials (" + status + ")"};
        case 429: return {Errc::rate_limited, status};
        default: return {Errc::unavailable, status};
    }
}

namespace {

std::string day_of(UtcTime time) { return format_rfc3339(time).substr(0, 10); }

// The inequality is part of the name. Only days, which are documented; the rest is cut off by
// whoever asks.
std::string render_query(const CallListQuery& query) {
    std::string text = "?PageSize=" + std::to_string(page_size);
    if (query.started_from) text += "&StartTime%3E=" + day_of(*query.started_from);
    if (query.started_before) text += "&StartTime%3C=" + day_of(*query.started_before);
    return text;
}

Result<CallListPage> read_page(const HttpAnswer& answer, const std::string& base_url,
                               std::string_view account_sid) {
    if (answer.kind != HttpAnswer::Kind::answered || answer.status != 200)
        return twilio_error(answer);
    WRAPUP_TRY(CallList list, parse_call_list(answer.body));
    CallListPage page;
    page.unreadable_count = list.unreadable_count;
    for (CallListEntry& listed : list.calls) {
        if (!is_of_account(listed.call, account_sid)) {
            return Error{Errc::invalid_input, "the answer lists another account's call"};
        }
        page.calls.push_back({std::move(listed.call), std::move(listed.payload)});
    }
    if (!list.next_page_uri.empty()) {
        WRAPUP_TRY(page.next_page, next_page_path(base_url, list.next_page_uri));
    }
    return page;
}

}  // namespace

TwilioRest::TwilioRest(HttpTransport& transport, const Clock& clock, std::string base_url,
                       std::string account_sid, std::string auth_token)
    : transport_(transport),
      clock_(clock),
      base_url_(without_slash(std::move(base_url))),
      account_sid_(std::move(account_sid)),
      auth_token_(std::move(auth_token)) {}

HttpRequest TwilioRest::request_for(std::string url) const {
    HttpRequest request;
    request.url = std::move(url);
    request.headers = {{"Accept", "application/json"}};
    request.lane = "twilio";
    request.lane_places = places;
    request.user = account_sid_;
    request.password = auth_token_;
    return request;
}

Task<Result<FetchedCall>> TwilioRest::fetch_call(CallAddress address) {
    if (!is_call_sid(address.call_sid)) co_return Error{Errc::not_found, "not a CallSid"};
    const bool names_account = is_account_sid(address.account_sid);
    const std::string& account_sid = names_account ? address.account_sid : account_sid_;
    HttpRequest request =
        request_for(base_url_ + twilio_accounts_path + percent_encode(account_sid) + "/Calls/" +
                    address.call_sid + ".json");
    request.total_timeout = timeout;
    request.answer_bytes_max = answer_bytes_max;

    HttpAnswer answer = co_await transport_.send(std::move(request));
    if (answer.kind != HttpAnswer::Kind::answered || answer.status != 200) {
        co_return twilio_error(answer);
    }
    WRAPUP_CO_TRY(TwilioCall call, parse_twilio_call(answer.body));
    if (call.sid != address.call_sid) {
        co_return Error{Errc::invalid_input, "the answer is about another call"};
    }
    if (!is_of_account(call, account_sid)) {
        co_return Error{Errc::invalid_input, "the answer is about another account's call"};
    }
    FetchedCall fetched;
    fetched.call = std::move(call);
    fetched.payload = std::move(answer.body);
    co_return fetched;
}

Task<CallListAnswer> TwilioRest::list_calls(CallListQuery query) {
    const std::string target = query.next_page.empty()
                                   ? twilio_accounts_path + percent_encode(account_sid_) +
                                         "/Calls.json" + render_query(query)
                                   : query.next_page;
    HttpRequest request = request_for(base_url_ + target);
    request.total_timeout = list_timeout;
    request.answer_bytes_max = list_bytes_max;
    const HttpAnswer answer = co_await transport_.send(std::move(request));
    CallListAnswer result{read_page(answer, base_url_, account_sid_), {}, {}};
    result.retry_after = parse_retry_after(answer.retry_after, clock_.now());
    result.twilio_now = parse_rfc2822(answer.date);
    co_return result;
}

}  // namespace wrapup
