// Making, finding and ending calls.

#include <algorithm>
#include <set>

#include "adapters/twilio/twilio_error.hpp"
#include "adapters/twilio/twilio_rest.hpp"
#include "base/retry_after.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/twilio/call_order.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

constexpr milliseconds create_timeout{10'000};
constexpr milliseconds end_timeout{5'000};
constexpr std::size_t answer_bytes_max = 256U << 10U;
constexpr int page_size = 50;
constexpr std::size_t pages_max = 40;
// Where Twilio does not say what time it is there, its clock is no further from ours.
constexpr std::chrono::hours clock_doubt{24};

// A '+' and digits.
bool is_whole_number(std::string_view text) {
    return text.size() > 1 && text.front() == '+' &&
           text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

// Only another whole number is surely not `number`: one may be hidden, or written otherwise.
bool may_be(std::string_view listed, std::string_view number) {
    return listed == number || !is_whole_number(listed);
}

// By our clock; nothing where that is in doubt.
std::optional<UtcTime> created_here(std::optional<UtcTime> created_at,
                                    std::optional<UtcTime> twilio_now, UtcTime now) {
    if (!created_at) return created_at;
    if (twilio_now) return std::max<UtcTime>(*created_at, *created_at + (now - *twilio_now));
    if (*created_at < now - clock_doubt) return created_at;
    return std::nullopt;
}

bool is_about(const TwilioCall& call, const std::string& to, const std::string& account_sid) {
    return (call.to.empty() || call.to == to) && is_of_account(call, account_sid);
}

CreateAnswer read_created(const HttpAnswer& answer, const std::string& to,
                          const std::string& account_sid) {
    CreateAnswer created;
    created.http_status = answer.status;
    auto made = parse_made_call(answer.body);
    if (!made || !is_about(made->call, to, account_sid)) {
        created.kind = CreateAnswer::Kind::unknown;
        created.message = made ? "the answer is about another call" : "the answer cannot be read";
        return created;
    }
    created.kind = CreateAnswer::Kind::created;
    created.call = std::move(made->call);
    created.queue_time = made->queue_time;
    return created;
}

CreateAnswer read_create_answer(const HttpAnswer& answer, const std::string& to,
                                const std::string& account_sid) {
    CreateAnswer result;
    result.message = answer.error;
    switch (answer.kind) {
        case HttpAnswer::Kind::not_sent:
        case HttpAnswer::Kind::blocked: result.kind = CreateAnswer::Kind::not_sent; return result;
        case HttpAnswer::Kind::unknown:
        case HttpAnswer::Kind::too_large: result.kind = CreateAnswer::Kind::unknown; return result;
        case HttpAnswer::Kind::answered: break;
    }
    if (answer.status >= 200 && answer.status < 300) return read_created(answer, to, account_sid);
    result.http_status = answer.status;
    result.code = parse_twilio_code(answer.body);
    result.message = "HTTP " + std::to_string(answer.status);
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
    CreateAnswer result = read_create_answer(answer, order.to, account_sid_);
    result.retry_after = parse_retry_after(answer.retry_after, clock_.now());
    co_return result;
}

Task<Result<std::vector<TwilioCall>>> TwilioRest::list_calls_between(std::string from,
                                                                     std::string to) {
    std::string target = twilio_accounts_path + percent_encode(account_sid_) +
                         "/Calls.json?To=" + percent_encode(to) + "&From=" + percent_encode(from) +
                         "&PageSize=" + std::to_string(page_size);
    std::set<std::string> asked;
    std::vector<TwilioCall> calls;
    while (!target.empty()) {
        const bool is_new = asked.insert(target).second;
        if (!is_new || asked.size() > pages_max) {
            co_return Error{Errc::invalid_input, "the list of calls does not end"};
        }
        CallListQuery query;
        query.next_page = std::move(target);
        CallListAnswer answer = co_await list_calls(std::move(query));
        if (!answer.page) co_return std::move(answer.page).error();
        if (answer.page->unreadable_count > 0) {
            co_return Error{Errc::invalid_input, "a call of the list cannot be read"};
        }
        for (FetchedCall& fetched : answer.page->calls) {
            TwilioCall& call = fetched.call;
            if (!may_be(call.to, to) || !may_be(call.from, from)) continue;
            call.created_at = created_here(call.created_at, answer.twilio_now, clock_.now());
            calls.push_back(std::move(call));
        }
        target = std::move(answer.page->next_page);
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
