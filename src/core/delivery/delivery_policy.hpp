#pragma once

// Judges what came back from a CRM, and says when to try again. Sans-IO.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "domain/call.hpp"

namespace wrapup {

enum class OnUnknown { retry, park };

struct DeliveryPolicy {
    // Waits after the first, second, … failed attempt; after the last one the delivery is dead.
    std::vector<milliseconds> retry_schedule;
    std::vector<int> accept_status;  // Besides 2xx.
    OnUnknown on_unknown = OnUnknown::retry;
};
std::vector<milliseconds> default_retry_schedule();

// What came back, without the transport's details.
struct AttemptEnd {
    enum class Kind { answered, not_sent, unknown, blocked };
    Kind kind = Kind::not_sent;
    int http_status = 0;
    std::optional<seconds> retry_after;
};

struct Verdict {
    AttemptOutcome outcome = AttemptOutcome::failed;
    struct Accept {
        bool operator==(const Accept&) const = default;
    };
    struct RetryAt {
        UtcTime due_at{};
        bool uses_schedule = true;
        bool operator==(const RetryAt&) const = default;
    };
    struct Park {
        ParkReason reason = ParkReason::dead;
        bool operator==(const Park&) const = default;
    };
    std::variant<Accept, RetryAt, Park> then;
    bool parks_destination = false;  // 410.
    bool needs_person = false;  // 401, 403, 404, 3xx …: retried, but somebody has to mend it.

    bool operator==(const Verdict&) const = default;
};

// What a try by hand of a record that waits for `due_at` comes to: where the schedule would go on,
// or end, it stays as it was, so that nobody uses it up by impatience. A time that the CRM named
// counts.
Verdict keep_schedule(Verdict judged, std::optional<UtcTime> due_at, bool has_named_time);

// Every end has a verdict: accepted, again at a time, or parked with a reason; after the last step
// of the schedule it is parked. `retries_used`: steps used up before this attempt. Only the waits
// are random, by `prng`.
Verdict judge_attempt(const AttemptEnd& end, std::int64_t retries_used, UtcTime now,
                      const DeliveryPolicy& policy, Prng& prng);

}  // namespace wrapup
