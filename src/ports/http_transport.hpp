#pragma once

// Outgoing HTTP.

#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "ports/task.hpp"

namespace wrapup {

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string user;  // HTTP Basic when not empty.
    std::string password;
    milliseconds connect_timeout{5'000};
    milliseconds total_timeout{10'000};
    std::size_t answer_bytes_max = 1U << 20U;  // More than this is an error (`failed`, too large).
    bool truncates_answer = false;             // Instead of failing, the rest is read and dropped.
    bool refuses_private_targets = false;      // See HttpAnswer::blocked.
    // So many with the same name here are under way at a time, and more wait their turn, within
    // their own total time-out: one peer's trouble leaves the others room. Empty: as many as come.
    std::string lane;
    std::size_t lane_places = 0;
};

struct HttpAnswer {
    enum class Kind {
        answered,   // `status` and `body` are set.
        not_sent,   // Name, connect or TLS failed, or the connect timed out: the peer saw no
                    // request.
        unknown,    // Timed out or lost after sending began: the peer may have done it.
        blocked,    // Every address of the host is private, loopback or link-local, and refused.
        too_large,  // The answer was longer than allowed.
    };
    Kind kind = Kind::not_sent;
    int status = 0;
    std::string body;
    std::string retry_after;  // The header's value, as sent; empty when absent.
    std::string date;         // The header's value, as sent: the peer's clock.
    std::string error;        // In words, without URL, header or body.
    milliseconds elapsed{};
};

class HttpTransport {
public:
    virtual ~HttpTransport() = default;
    // Redirects are not followed. TLS certificates are verified. Never throws. A request is sent at
    // most once: nothing is repeated behind the caller's back.
    virtual Task<HttpAnswer> send(HttpRequest request) = 0;
};

}  // namespace wrapup
