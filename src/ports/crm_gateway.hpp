#pragma once

// Sends one record to one destination.

#include <optional>
#include <string>

#include "base/time.hpp"
#include "ports/task.hpp"

namespace wrapup {

struct CrmRequest {
    std::string destination;
    std::string call_id;  // Idempotency-Key, X-Wrapup-Call.
    std::string webhook_id;
    std::string body;  // Sent as it is.
    std::optional<UtcTime> ended_at;
};

struct CrmAnswer {
    enum class Kind {
        answered,  // http_status is set.
        not_sent,  // The CRM saw no request.
        unknown,   // Timed out or lost after sending: the CRM may have filed it.
        blocked,   // The address may not be called.
    };
    Kind kind = Kind::not_sent;
    int http_status = 0;
    std::optional<seconds> retry_after;  // Seconds or a date in the header, seen from now.
    std::string body;                    // The beginning of the answer.
    std::string error;
    milliseconds elapsed{};
};

class CrmGateway {
public:
    virtual ~CrmGateway() = default;
    virtual Task<CrmAnswer> deliver(CrmRequest request) = 0;
};

}  // namespace wrapup
