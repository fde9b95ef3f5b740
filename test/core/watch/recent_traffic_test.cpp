#include "core/watch/recent_traffic.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

constexpr UtcTime t0 = from_unix_s(1'772'366'400);
using std::chrono::minutes;
using Line = RecentTraffic::Line;

TEST(RecentTraffic, counts_each_kind_of_the_last_hour) {
    RecentTraffic traffic;
    traffic.note("b", t0);
    traffic.note("a", t0 + minutes{1});
    traffic.note("a", t0 + minutes{30});
    EXPECT_EQ(traffic.lines(t0 + minutes{30}),
              (std::vector<Line>{{"a", 2, t0 + minutes{30}}, {"b", 1, t0}}));
    EXPECT_EQ(traffic.lines(t0 + minutes{60}),
              (std::vector<Line>{{"a", 2, t0 + minutes{30}}, {"b", 0, t0}}));
    EXPECT_EQ(traffic.lines(t0 + minutes{61}).at(0).last_hour, 1);
}

TEST(RecentTraffic, forgets_a_minute_when_its_slot_comes_round) {
    RecentTraffic traffic;
    traffic.note("a", t0);
    traffic.note("a", t0 + minutes{60});
    EXPECT_EQ(traffic.lines(t0 + minutes{60}), (std::vector<Line>{{"a", 1, t0 + minutes{60}}}));
}

TEST(RecentTraffic, counts_nothing_that_lies_ahead_of_a_clock_set_back) {
    RecentTraffic traffic;
    traffic.note("a", t0);
    EXPECT_EQ(traffic.lines(t0 - minutes{5}).at(0).last_hour, 0);
}

}  // namespace
}  // namespace wrapup
