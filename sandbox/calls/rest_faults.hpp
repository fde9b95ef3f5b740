#pragma once

// A switch that makes a vendor's REST API refuse.

#include <limits>
#include <optional>

#include "base/time.hpp"
#include "http/server/message.hpp"

namespace wrapup {

struct RestFault {
    enum class Kind {
        status,
        nonsense,   // 200, and no JSON.
        half,       // Of a list: the page ends in its middle.
        same_page,  // Of a list: the page names itself as the next.
        other_host  // Of a list: the next page is on somebody else's host.
    };
    int status = 503;
    std::optional<seconds> retry_after;
    Kind kind = Kind::status;
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
    std::optional<RestFault> take() { return is_of_lists() ? std::nullopt : take_any(); }
    // Whether this page of a list is spoilt, and how.
    std::optional<RestFault> take_of_list() { return is_of_lists() ? take_any() : std::nullopt; }

private:
    bool is_of_lists() const { return fault_.kind >= RestFault::Kind::half; }
    std::optional<RestFault> take_any() {
        if (left_ <= 0) return std::nullopt;
        if (left_ != until_cleared) left_ -= 1;
        return fault_;
    }

    RestFault fault_;
    int left_ = 0;
};

inline Response nonsense_response() { return json_response(200, "<html>Bad Gateway</html>"); }

// An interim answer, then the end of the connection: whoever asked never learns what came of it.
inline Response lost_response() {
    Response response;
    response.status = 102;
    response.closes = true;
    return response;
}

// The answer's Retry-After, when there is one.
inline std::string retry_after_line(const std::optional<seconds>& retry_after) {
    if (!retry_after) return {};
    return "Retry-After: " + std::to_string(retry_after->count()) + "\r\n";
}

// A page of a list as the fault leaves it.
inline std::string spoilt_page(const std::optional<RestFault>& fault, std::string page) {
    const bool is_half = fault && fault->kind == RestFault::Kind::half;
    return is_half ? page.substr(0, page.size() / 2) : page;
}

}  // namespace wrapup
