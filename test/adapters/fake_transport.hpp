#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "ports/clock.hpp"
#include "ports/http_transport.hpp"

namespace wrapup {

// Keeps what was sent and answers what it was told.
class FakeTransport final : public HttpTransport {
public:
    Task<HttpAnswer> send(HttpRequest request) override {
        requests.push_back(std::move(request));
        if (earlier.empty()) co_return answer;
        HttpAnswer next = std::move(earlier.front());
        earlier.pop_front();
        co_return next;
    }

    void say(int status, std::string body, std::string retry_after = {}) {
        answer = HttpAnswer{};
        answer.kind = HttpAnswer::Kind::answered;
        answer.status = status;
        answer.body = std::move(body);
        answer.retry_after = std::move(retry_after);
    }
    void fail(HttpAnswer::Kind kind) {
        answer = HttpAnswer{};
        answer.kind = kind;
        answer.error = "it went wrong";
    }

    std::vector<HttpRequest> requests;
    HttpAnswer answer;
    std::deque<HttpAnswer> earlier;  // One each, before `answer` is given for ever.
};

class FixedClock final : public Clock {
public:
    explicit FixedClock(UtcTime now) : now_(now) {}
    UtcTime now() const override { return now_; }
    Task<void> sleep_until(UtcTime, Alarm*) override { co_return; }

private:
    UtcTime now_;
};

// The value of that header; "<absent>" when there is none, "<repeated>" when there are several.
inline std::string header_of(const HttpRequest& request, const std::string& name) {
    std::string found = "<absent>";
    for (const auto& [key, value] : request.headers) {
        if (key == name) found = found == "<absent>" ? value : "<repeated>";
    }
    return found;
}

}  // namespace wrapup
