#pragma once

// A switch that makes a vendor's REST API refuse.

#include <limits>
#include <optional>

#include "base/time.hpp"
#include "http/server/message.hpp"

namespace wrapup {

struct RestFault {
    int status = 503;
    std::optional<seconds> retry_after;
};

class RestFaults {
public:
    static constexpr int until_cleared = std::numeric_limits<int>::max();

    // The next `count` requests.
    void set(RestFault fault, int count = until_cleared) {
        fault_ = fault;
        left_ = count;
    }
    void clear() { left_ = 0; }
    // Whether this request is refused, and how.
    std::optional<RestFault> take() {
        if (left_ <= 0) return std::nullopt;
        if (left_ != until_cleared) left_ -= 1;
        return fault_;
    }

private:
    RestFault fault_;
    int left_ = 0;
};

// The answer's Retry-After, when there is one.
inline std::string retry_after_line(const std::optional<seconds>& retry_after) {
    if (!retry_after) return {};
    return "Retry-After: " + std::to_string(retry_after->count()) + "\r\n";
}

}  // namespace wrapup
