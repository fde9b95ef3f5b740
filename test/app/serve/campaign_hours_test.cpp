// A list of numbers in four time zones, in virtual time, from its rows to Twilio. `wrapup simulate
// --campaign` runs the same on SQLite, with many more numbers.

#include <gtest/gtest.h>

#include "app/serve/house_placing.hpp"
#include "sim/campaign.hpp"
#include "sim/memory_store.hpp"

namespace wrapup {
namespace {

TEST(CampaignHours, nobody_is_rung_outside_his_hours_or_twice) {
    const PhoneReader phones{""};
    CallingZones zones{phones};
    const auto hours = parse_calling_hours(campaign_hours);
    ASSERT_TRUE(hours);
    MemoryStore store;
    CampaignOrder order;
    order.rows_count = 100;
    order.calls_max = 1;
    order.waits.no_answer = {std::chrono::hours{2}, std::chrono::hours{3}};
    int looks_count = 0;
    order.hours = [&](const Intent& intent, UtcTime now) {
        looks_count += 1;
        return hours_now(*hours, zones, intent, now);
    };
    const CampaignReport report = simulate_campaign(store, order);
    EXPECT_EQ(report.calls.rings_outside, 0);
    EXPECT_EQ(report.calls.answers_outside, 0);
    EXPECT_EQ(report.calls.twice, 0);
    EXPECT_EQ(report.calls.early, 0);
    EXPECT_EQ(report.open_count, 0);
    // Somebody was called at all: everywhere, again after a wait, and after the clocks were set.
    for (const CampaignPlace& place : campaign_places()) {
        const auto rings = report.rings_by_zone.find(place.zone);
        ASSERT_NE(rings, report.rings_by_zone.end()) << place.zone;
        EXPECT_GE(rings->second, order.rows_count / 4) << place.zone;
    }
    EXPECT_GT(report.calls.rings, order.rows_count * 5 / 4);
    EXPECT_GT(report.calls.answers_lost, 0);
    EXPECT_LE(report.most_rings, 5);
    // Whose turn it is not is not looked at again and again.
    EXPECT_LT(looks_count, report.calls.calls * 10);
    EXPECT_GT(report.outcomes.at("answered"), order.rows_count / 2);
    EXPECT_GT(report.length, std::chrono::hours{20});
    std::int64_t rows_count = 0;
    for (const auto& [name, count] : report.outcomes) rows_count += count;
    EXPECT_EQ(rows_count, order.rows_count);
}

}  // namespace
}  // namespace wrapup
