#pragma once

// Lets the bearer of the token in, and slows down whoever tries others.

#include <optional>
#include <string>

#include "http/message.hpp"
#include "http/rejection_log.hpp"

namespace wrapup {

class TokenGuard {
public:
    TokenGuard(std::string token, const Clock& clock, EventLog& log, Metrics& metrics);
    // Nothing when the request may pass; else 401, or 429 after too many wrong tokens. The right
    // token passes even then: a stranger must not be able to lock the operator out.
    std::optional<Response> check(const Request& request);

private:
    Response refuse_wrong_token();

    std::string token_digest_;  // Compared as digests, so that not even the length is told.
    const Clock& clock_;
    RejectionLog rejections_;
    UtcTime window_began_at_{};
    int failures_count_ = 0;
};

}  // namespace wrapup
