#pragma once

// What is counted over time beside the ledger: what came of calls, and how long their records took
// from the end of the call to the CRM.

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "domain/outcome.hpp"

namespace wrapup {

// Calls with a record, by the quarter of an hour to which they belong (domain/ledger.hpp).
struct OutcomeCell {
    std::int64_t quarter = 0;
    std::string campaign;  // Its name; empty: none.
    Outcome outcome = Outcome::held;

    auto operator<=>(const OutcomeCell&) const = default;
};
using OutcomeCells = std::map<OutcomeCell, std::int64_t>;

// Delays are counted in buckets: whole milliseconds up to 15, from there on each bucket is at most
// an eighth wider than its lower end.
int delay_bucket_of(milliseconds delay);
milliseconds longest_of_delay_bucket(int bucket);

// Accepted records, by the minute in which they were.
struct DelayCell {
    std::int64_t minute = 0;  // Since 1970.
    int bucket = 0;

    auto operator<=>(const DelayCell&) const = default;
};
using DelayCells = std::map<DelayCell, std::int64_t>;

DelayCells by_hour(const DelayCells& minutes);  // Each at its first minute.
// The first one that begins at that time or after it.
constexpr std::int64_t first_minute_at(UtcTime time) {
    return std::chrono::ceil<std::chrono::minutes>(time.time_since_epoch()).count();
}
constexpr UtcTime start_of_minute(std::int64_t minute) {
    return UtcTime{std::chrono::minutes{minute}};
}

// What was counted in a span of time.
struct OutcomeSum {
    std::string campaign;
    Outcome outcome = Outcome::held;
    std::int64_t calls = 0;

    bool operator==(const OutcomeSum&) const = default;
};
struct StatsRows {
    std::vector<OutcomeSum> outcomes;  // By campaign.
    DelayCells minutes;                // As far as they are kept (core/store/stats.hpp).
    DelayCells hours;                  // Each at its first minute.
};

struct DelaySummary {
    UtcTime at{};  // The beginning of the minute or hour.
    std::int64_t count = 0;
    milliseconds p50{};  // At most an eighth more than measured.
    milliseconds p95{};
    milliseconds p99{};

    bool operator==(const DelaySummary&) const = default;
};
DelaySummary summary_of_delays(UtcTime at, const std::map<int, std::int64_t>& counts_by_bucket);

}  // namespace wrapup
