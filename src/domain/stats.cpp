#include "domain/stats.hpp"

#include <algorithm>
#include <bit>

namespace wrapup {

namespace {

constexpr int linear = 16;       // Buckets of one millisecond.
constexpr int per_octave = 8;    // From there on.
constexpr int octaves_max = 37;  // A little more than four years.

std::int64_t longest_of(int bucket) {
    if (bucket < linear) return bucket;
    const int shift = bucket / per_octave - 1;
    const std::int64_t mantissa = bucket - shift * per_octave;
    return ((mantissa + 1) << shift) - 1;
}

// The bucket in which the share of all delays is reached.
milliseconds reached_at(const std::map<int, std::int64_t>& counts, std::int64_t rank) {
    std::int64_t seen = 0;
    for (const auto& [bucket, count] : counts) {
        seen += count;
        if (seen >= rank) return longest_of_delay_bucket(bucket);
    }
    return milliseconds{0};
}

}  // namespace

int delay_bucket_of(milliseconds delay) {
    constexpr std::int64_t longest = (std::int64_t{1} << octaves_max) - 1;
    const std::int64_t ms =
        std::clamp<std::int64_t>(delay.count(), 0, longest);  // A clock may have been set back.
    if (ms < linear) return static_cast<int>(ms);
    const int shift = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(ms))) - 4;
    return shift * per_octave + static_cast<int>(ms >> shift);
}

milliseconds longest_of_delay_bucket(int bucket) { return milliseconds{longest_of(bucket)}; }

DelayCells by_hour(const DelayCells& minutes) {
    constexpr std::int64_t hour = 60;
    DelayCells hours;
    for (const auto& [cell, count] : minutes) {
        hours[{cell.minute / hour * hour, cell.bucket}] += count;
    }
    return hours;
}

DelaySummary summary_of_delays(UtcTime at, const std::map<int, std::int64_t>& counts_by_bucket) {
    DelaySummary summary{.at = at};
    for (const auto& [bucket, count] : counts_by_bucket) summary.count += count;
    const auto at_share = [&](std::int64_t percent) {
        return reached_at(counts_by_bucket, (summary.count * percent + 99) / 100);
    };
    summary.p50 = at_share(50);
    summary.p95 = at_share(95);
    summary.p99 = at_share(99);
    return summary;
}

}  // namespace wrapup
