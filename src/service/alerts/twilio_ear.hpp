#pragma once

#include "ports/http_transport.hpp"
#include "service/alerts/alert_ears.hpp"

namespace wrapup {

// Hears whatever Twilio is asked: where it takes our credentials, they are refused no more,
// although the list that found them refused is asked again some minutes later.
class TwilioEar final : public HttpTransport {
public:
    TwilioEar(HttpTransport& behind, AlertEars& ears) : behind_(behind), ears_(ears) {}

    Task<HttpAnswer> send(HttpRequest request) override {
        HttpAnswer answer = co_await behind_.send(std::move(request));
        const bool is_answered = answer.kind == HttpAnswer::Kind::answered;
        if (is_answered && answer.status >= 200 && answer.status < 300) ears_.hear_twilio_took_us();
        co_return answer;
    }

private:
    HttpTransport& behind_;
    AlertEars& ears_;
};

}  // namespace wrapup
