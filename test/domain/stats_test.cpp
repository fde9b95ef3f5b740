#include "domain/stats.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(DelayBuckets, hold_every_delay_and_are_at_most_an_eighth_wide) {
    int last = -1;
    for (std::int64_t ms = 0; ms < 4'000'000; ms += 1 + ms / 50) {
        const int bucket = delay_bucket_of(milliseconds{ms});
        const std::int64_t longest = longest_of_delay_bucket(bucket).count();
        EXPECT_GE(bucket, last) << ms;
        EXPECT_GE(longest, ms);
        EXPECT_LE(longest, ms + ms / 8) << ms;
        last = bucket;
    }
}

TEST(DelayBuckets, follow_each_other_without_a_gap) {
    for (int bucket = 0; bucket < 300; ++bucket) {
        const milliseconds longest = longest_of_delay_bucket(bucket);
        EXPECT_EQ(delay_bucket_of(longest), std::min(bucket, delay_bucket_of(milliseconds::max())));
        if (delay_bucket_of(longest) != bucket) break;
        const int next = delay_bucket_of(longest + milliseconds{1});
        EXPECT_TRUE(next == bucket + 1 || next == bucket) << bucket;
    }
}

TEST(DelayBuckets, take_a_clock_that_was_set_back_for_no_delay) {
    EXPECT_EQ(delay_bucket_of(milliseconds{-5}), 0);
    EXPECT_EQ(delay_bucket_of(milliseconds::min()), 0);
}

TEST(DelaySummary, tells_the_delay_that_so_many_did_not_exceed) {
    std::map<int, std::int64_t> counts;
    for (int ms = 1; ms <= 10; ++ms) counts[delay_bucket_of(milliseconds{ms})] = 10;
    const DelaySummary summary = summary_of_delays(UtcTime{}, counts);
    EXPECT_EQ(summary.count, 100);
    EXPECT_EQ(summary.p50, milliseconds{5});
    EXPECT_EQ(summary.p95, milliseconds{10});
    EXPECT_EQ(summary.p99, milliseconds{10});
    const DelaySummary one = summary_of_delays(UtcTime{}, {{3, 1}});
    EXPECT_EQ(one.p50, milliseconds{3});
    EXPECT_EQ(one.p99, milliseconds{3});
}

TEST(DelayCells, of_an_hour_lie_at_its_first_minute) {
    EXPECT_EQ(by_hour({{{119, 1}, 2}, {{60, 1}, 3}, {{120, 1}, 4}}),
              (DelayCells{{{60, 1}, 5}, {{120, 1}, 4}}));
}

}  // namespace
}  // namespace wrapup
