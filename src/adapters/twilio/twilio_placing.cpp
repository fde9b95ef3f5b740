// Making, finding and ending calls.

#include "adapters/twilio/twilio_error.hpp"
#include "adapters/twilio/twilio_rest.hpp"
#include "base/retry_after.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/twilio/call_list.hpp"
#include "codec/twilio/call_order.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

constexpr milliseconds create_timeout{10'000};
constexpr milliseconds end_timeout{5'000};
constexpr std::size_t answer_bytes_max = 256U << 10U;
constexpr std::size_t list_bytes_max = 1U << 20U;
constexpr int page_size = 50;

CreateAnswer read_created(const HttpAnswer& answer) {
    CreateAnswer created;
    created.http_status = answer.status;
    auto made = parse_made_call(answer.body);
    if (!made) {
        created.kind = CreateAnswer::Kind::unknown;
        created.message = "the answer cannot be read";
        return created;
    }
    created.kind = CreateAnswer::Kind::created;
    created.call = std::move(made->call);
    created.queue_time = made->queue_time;
    return created;
}

CreateAnswer read_create_answer(const HttpAnswer& answer) {
    CreateAnswer result;
    result.message = answer.error;
    switch (answer.kind) {
        case HttpAnswer::Kind::not_sent:
        case HttpAnswer::Kind::blocked: result.kind = CreateAnswer::Kind::not_sent; return result;
        case HttpAnswer::Kind::unknown:
        case HttpAnswer::Kind::too_large: result.kind = CreateAnswer::Kind::unknown; return result;
        case HttpAnswer::Kind::answered: break;
    }
    if (answer.status >= 200 && answer.status < 300) return read_created(answer);
    TwilioFault fault = parse_twilio_fault(answer.body);
    result.http_status = answer.status;
    result.code = fault.code;
    result.message = std::move(fault.message);
    const bool is_refused = answer.status >= 400 && answer.status < 500 && answer.status != 408;
    result.kind = is_refused ? CreateAnswer::Kind::refused : CreateAnswer::Kind::unknown;
    return result;
}

}  // namespace

HttpRequest TwilioRest::form_to(std::string_view path, const Form& form) const {
    HttpRequest request = request_for(calls_url() + std::string(path));
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = render_form(form);
    request.answer_bytes_max = answer_bytes_max;
    return request;
}

std::string TwilioRest::calls_url() const {
    return base_url_ + twilio_accounts_path + percent_encode(account_sid_) + "/Calls";
}

Task<CreateAnswer> TwilioRest::create_call(OutboundCall order) {
    const Form form = call_order_form({order.to, order.from, order.twiml_url, order.status_url,
                                       order.machine_url, order.timeout_s, order.time_limit_s});
    HttpRequest request = form_to(".json", form);
    request.total_timeout = create_timeout;
    const HttpAnswer answer = co_await transport_.send(std::move(request));
    CreateAnswer result = read_create_answer(answer);
    result.retry_after = parse_retry_after(answer.retry_after, clock_.now());
    co_return result;
}

Task<Result<std::vector<TwilioCall>>> TwilioRest::list_calls_between(std::string from,
                                                                     std::string to) {
    HttpRequest request =
        request_for(calls_url() + ".json?To=" + percent_encode(to) +
                    "&From=" + percent_encode(from) + "&PageSize=" + std::to_string(page_size));
    request.answer_bytes_max = list_bytes_max;
    const HttpAnswer answer = co_await transport_.send(std::move(request));
    if (answer.kind != HttpAnswer::Kind::answered || answer.status != 200) {
        co_return twilio_error(answer);
    }
    WRAPUP_CO_TRY(CallList list, parse_call_list(answer.body));
    const UtcTime now = clock_.now();
    const milliseconds ahead = now - parse_rfc2822(answer.date).value_or(now);
    std::vector<TwilioCall> calls;
    for (ListedCall& listed : list.calls) {
        TwilioCall& call = listed.call;
        if (call.to != to || call.from != from) continue;
        if (call.created_at) *call.created_at += ahead;
        calls.push_back(std::move(call));
    }
    co_return calls;
}

Task<Result<void>> TwilioRest::end_call(std::string call_sid, CallStatus status) {
    if (!is_call_sid(call_sid)) co_return Error{Errc::not_found, "not a CallSid"};
    const Form form{{"Status", std::string(to_string(status))}};
    HttpRequest request = form_to("/" + call_sid + ".json", form);
    request.total_timeout = end_timeout;
    const HttpAnswer answer = co_await transport_.send(std::move(request));
    const bool is_answered = answer.kind == HttpAnswer::Kind::answered;
    if (is_answered && answer.status >= 200 && answer.status < 300) co_return Result<void>();
    if (is_answered && answer.status == 400) {
        co_return Error{Errc::conflict, "Twilio does not end the call in this state"};
    }
    co_return twilio_error(answer);
}

}  // namespace wrapup
