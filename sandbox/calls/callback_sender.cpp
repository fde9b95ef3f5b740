#include "sandbox/calls/callback_sender.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "codec/elevenlabs/elevenlabs_signature.hpp"
#include "codec/twilio/twilio_signature.hpp"

namespace wrapup {
namespace {

// Twilio does not say how long it waits between attempts; all of them are over within 15 s.
constexpr milliseconds retry_wait_first{250};
constexpr milliseconds retry_wait_max{3'000};

void set_milliseconds(milliseconds& target, std::string_view value, std::int64_t max) {
    const auto number = parse_int(value);
    if (number && *number >= 100 && *number <= max) target = milliseconds{*number};
}

void set_policy(ConnectionOverrides& overrides, std::string_view value) {
    const auto policies = split_list(value);
    const auto has = [&](std::string_view name) {
        return std::find(policies.begin(), policies.end(), name) != policies.end() ||
               std::find(policies.begin(), policies.end(), "all") != policies.end();
    };
    overrides.retries_connect = has("ct");
    overrides.retries_read = has("rt");
    overrides.retries_4xx = has("4xx");
    overrides.retries_5xx = has("5xx");
}

bool wants_retry(const ConnectionOverrides& overrides, const HttpAnswer& answer) {
    switch (answer.kind) {
        case HttpAnswer::Kind::not_sent: return overrides.retries_connect;
        case HttpAnswer::Kind::unknown: return overrides.retries_read;
        case HttpAnswer::Kind::blocked:
        case HttpAnswer::Kind::too_large: return false;
        case HttpAnswer::Kind::answered: break;
    }
    if (answer.status >= 500) return overrides.retries_5xx;
    return answer.status >= 400 && overrides.retries_4xx;
}

}  // namespace

ConnectionOverrides parse_connection_overrides(std::string_view url) {
    ConnectionOverrides overrides;
    const std::size_t mark = url.find('#');
    if (mark == std::string_view::npos) return overrides;
    for (const std::string& piece : split_list(url.substr(mark + 1), '&')) {
        const std::string_view pair = piece;
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view key = pair.substr(0, equals);
        const std::string_view value = pair.substr(equals + 1);
        if (key == "ct") set_milliseconds(overrides.connect_timeout, value, 10'000);
        if (key == "rt") set_milliseconds(overrides.read_timeout, value, 15'000);
        if (key == "tt") set_milliseconds(overrides.total, value, 15'000);
        if (key == "rp") set_policy(overrides, value);
        const auto number = parse_int(value);
        if (key == "rc" && number && *number >= 0 && *number <= 5) {
            overrides.retries_max = static_cast<int>(*number);
        }
    }
    return overrides;
}

Task<SendResult> CallbackSender::send_twilio(std::string url, Form form,
                                             std::string auth_token) const {
    const ConnectionOverrides overrides = parse_connection_overrides(url);
    HttpRequest request;
    request.method = "POST";
    request.url = url.substr(0, url.find('#'));
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"},
                       {"User-Agent", "TwilioProxy/1.1"},
                       {"X-Twilio-Signature", twilio_signature(auth_token, request.url, form)}};
    request.body = render_form(form);
    request.connect_timeout = overrides.connect_timeout;
    request.total_timeout = overrides.connect_timeout + overrides.read_timeout;
    request.truncates_answer = true;

    SendResult result;
    const UtcTime give_up_at = clock_.now() + overrides.total;
    milliseconds wait = retry_wait_first;
    for (;;) {
        HttpRequest copy = request;
        HttpAnswer answer = co_await transport_.send(std::move(copy));
        result.attempts_count += 1;
        result.status = answer.kind == HttpAnswer::Kind::answered ? answer.status : 0;
        result.body = std::move(answer.body);
        const UtcTime again_at = clock_.now() + wait;
        const bool ends = result.attempts_count > overrides.retries_max ||
                          !wants_retry(overrides, answer) || again_at >= give_up_at;
        if (ends) co_return result;
        co_await clock_.sleep_until(again_at);
        wait = std::min(wait * 2, retry_wait_max);
    }
}

Task<SendResult> CallbackSender::send_elevenlabs(std::string url, std::string body,
                                                 std::string secret) const {
    HttpRequest request;
    request.method = "POST";
    request.url = std::move(url);
    request.headers = {{"Content-Type", "application/json"},
                       {"ElevenLabs-Signature", sign_elevenlabs(secret, clock_.now(), body)}};
    request.body = std::move(body);
    request.truncates_answer = true;
    const HttpAnswer answer = co_await transport_.send(std::move(request));
    SendResult result;
    result.attempts_count = 1;
    result.status = answer.status;
    co_return result;
}

}  // namespace wrapup
