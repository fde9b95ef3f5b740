#pragma once

// Failures of one cause have one name, so that a thousand of them are one line for whoever mends
// it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/call.hpp"

namespace wrapup {

// What tells the cause of one failure from another: of the answer, or without one of the error, the
// words, without what is another one each time (numbers, ids, addresses, times, quoted values, and
// values of a JSON answer that do not say what went wrong). Of any bytes; at most 160 bytes of
// valid UTF-8.
std::string cause_of(const Attempt& attempt);

// Sixteen hex digits of destination, outcome, HTTP status and cause. The same on every machine.
std::string fingerprint_of(std::string_view destination, const Attempt& attempt);

// Open deliveries whose last attempt failed in one way.
struct FailureGroup {
    std::string fingerprint;
    std::string destination;
    AttemptOutcome outcome = AttemptOutcome::failed;
    int http_status = 0;  // 0: no answer.
    std::string cause;
    std::int64_t open = 0;
    UtcTime first_at{};  // Since there was always one.
    UtcTime last_at{};
    std::string sample;  // The call of the newest one.

    bool operator==(const FailureGroup&) const = default;
};
// The largest first.
struct FailureList {
    std::vector<FailureGroup> groups;
    bool has_more = false;
};

}  // namespace wrapup
