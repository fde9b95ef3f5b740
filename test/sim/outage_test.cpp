// A CRM in trouble for ten virtual hours. `wrapup simulate --outage` runs the same on SQLite, with
// many more calls.

#include "sim/outage.hpp"

#include <gtest/gtest.h>

#include "sim/memory_store.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

OutageReport run(OutageOrder::Kind kind, minutes length = hours{10}) {
    MemoryStore store;
    const OutageReport report =
        simulate_outage(store, {.kind = kind, .calls_count = 400, .length = length});
    EXPECT_TRUE(report.has_come_to_an_end);
    EXPECT_EQ(report.lost_count, 0);
    EXPECT_EQ(report.twice_count, 0);
    EXPECT_LE(report.peak_in_trouble, 256);
    EXPECT_LE(report.peak_after, 256);
    return report;
}

TEST(Outage, a_crm_that_is_down_is_probed_and_caught_up_with) {
    const OutageReport report = run(OutageOrder::Kind::down);
    EXPECT_EQ(report.backlog_count, 400);
    // Ten failures open the breaker; then one probe every five minutes.
    EXPECT_GT(report.requests_in_trouble, 100);
    EXPECT_LE(report.requests_in_trouble, 10 + 130);
    EXPECT_EQ(report.repeats_count, 0);
    EXPECT_EQ(report.requests_after, 400);
    EXPECT_LE(report.first_after, minutes{5});
    EXPECT_GT(report.peak_after, 20);
    EXPECT_EQ(report.eager_count, 0);
    EXPECT_LE(report.most_after, minutes{6});
    EXPECT_LE(report.all_after, hours{1});
}

TEST(Outage, a_crm_that_names_a_time_is_left_alone_until_then) {
    const OutageReport report = run(OutageOrder::Kind::throttled);
    EXPECT_EQ(report.backlog_count, 400);
    // Those that opened the breaker came after the first Retry-After; nobody since.
    EXPECT_LE(report.early_count, 9);
    EXPECT_LE(report.requests_in_trouble, 10 + 60);
    EXPECT_EQ(report.repeats_count, 0);
    EXPECT_LE(report.first_after, minutes{11});
    EXPECT_EQ(report.eager_count, 0);
    EXPECT_LE(report.most_after, minutes{12});
    EXPECT_LE(report.all_after, hours{1});
}

// It can take 286 of the 400 while it is slow. What did not wait for it is asked about again, so
// that some of its time is lost.
TEST(Outage, a_slow_crm_gets_what_it_can_take) {
    const OutageReport report = run(OutageOrder::Kind::slow, minutes{13});
    EXPECT_GE(report.backlog_count, 400 - 286);
    EXPECT_LE(report.backlog_count, 400 - 200);
    EXPECT_LE(report.requests_in_trouble, 286 + 60);
    EXPECT_LE(report.repeats_count, 86);
    EXPECT_LE(report.most_after, minutes{6});
    EXPECT_LE(report.all_after, hours{1});
}

}  // namespace
}  // namespace wrapup
