#include "http/token_guard.hpp"

#include "base/text.hpp"
#include "codec/digest.hpp"

namespace wrapup {

namespace {

constexpr std::chrono::minutes window_length{1};
constexpr int failures_max = 10;

Response unauthorized(std::string_view detail) {
    Response response = problem(401, detail);
    response.headers = "WWW-Authenticate: Bearer realm=\"wrapup\"\r\n";
    return response;
}

std::string_view bearer_token(std::string_view authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (!starts_with_ignoring_case(authorization, scheme)) return {};
    return trim(authorization.substr(scheme.size()));
}

}  // namespace

TokenGuard::TokenGuard(std::string token, const Clock& clock, EventLog& log, Metrics& metrics)
    : token_digest_(token.empty() ? std::string() : sha256_hex(token)),
      clock_(clock),
      rejections_(clock, log, metrics) {}

std::optional<Response> TokenGuard::check(const Request& request) {
    const std::string_view given = bearer_token(request.header("Authorization"));
    if (given.empty()) return unauthorized("the API wants `Authorization: Bearer <token>`");
    if (equals_constant_time(sha256_hex(given), token_digest_)) return std::nullopt;
    return refuse_wrong_token();
}

Response TokenGuard::refuse_wrong_token() {
    const UtcTime now = clock_.now();
    if (now - window_began_at_ >= window_length || now < window_began_at_) {
        window_began_at_ = now;
        failures_count_ = 0;
    }
    if (failures_count_ >= failures_max) {
        const auto wait = std::chrono::ceil<seconds>(window_began_at_ + window_length - now);
        rejections_.note({LogTag::none, "/api", "token_rate", "too many wrong tokens"});
        Response response = problem(429, "too many wrong tokens; wait before the next try");
        response.headers = "Retry-After: " + std::to_string(wait.count()) + "\r\n";
        return response;
    }
    failures_count_ += 1;
    rejections_.note({LogTag::none, "/api", "bad_token", "wrong bearer token"});
    return unauthorized("this token is not valid");
}

}  // namespace wrapup
