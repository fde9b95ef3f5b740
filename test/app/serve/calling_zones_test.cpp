#include "app/serve/calling_zones.hpp"

#include <gmock/gmock.h>

namespace wrapup {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::SizeIs;

class CallingZonesTest : public testing::Test {
protected:
    std::vector<std::string> names(std::string_view phone, std::string_view zone = "") {
        const auto found = zones.find(phone, zone);
        EXPECT_TRUE(found) << (found ? "" : found.error().detail);
        std::vector<std::string> list;
        for (const TimeZone& one : found.value()) list.push_back(one.name());
        return list;
    }

    PhoneReader phones{""};
    CallingZones zones{phones};
};

TEST_F(CallingZonesTest, are_the_persons_own_where_it_is_known) {
    EXPECT_THAT(names("+12025550177", "Europe/Berlin"), ElementsAre("Europe/Berlin"));
    const auto unknown = zones.find("+12025550177", "Mars/Olympus");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Errc::invalid_input);
}

TEST_F(CallingZonesTest, are_else_all_of_the_numbers_country) {
    EXPECT_THAT(names("+442079460999"), ElementsAre("Europe/London"));
    EXPECT_THAT(names("+919876543210"), ElementsAre("Asia/Kolkata"));
    const auto states = names("+12125550177");
    EXPECT_THAT(states, SizeIs(testing::Ge(20)));
    EXPECT_THAT(states, Contains("Pacific/Honolulu"));
    EXPECT_THAT(states, Contains("America/New_York"));
    EXPECT_THAT(states, Not(Contains("America/Toronto")));
    EXPECT_THAT(names("+14165550177"), Contains("America/Vancouver"));
    EXPECT_THAT(names("+61413052898"), Contains("Australia/Lord_Howe"));
}

TEST_F(CallingZonesTest, hours_that_are_remembered_are_those_of_the_moment) {
    const auto hours = parse_calling_hours("mon-fri 09:00-20:00, sat 10:00-14:00");
    ASSERT_TRUE(hours);
    const auto berlin = zones.find("", "Europe/Berlin");
    ASSERT_TRUE(berlin);
    const UtcTime begin = from_unix_s(1'795'780'800);
    for (int i = 0; i < 400; ++i) {
        // Now and then the clock is set back.
        const UtcTime now = begin + std::chrono::minutes{i * 37 - (i % 11 == 0 ? 90 : 0)};
        const auto looked = zones.look(*hours, "+12025550177", "Europe/Berlin", now);
        ASSERT_TRUE(looked);
        ASSERT_EQ(looked->is_inside, is_inside(*hours, *berlin, now)) << i;
        if (looked->is_inside) {
            ASSERT_EQ(looked->closes_at, next_closing(*hours, *berlin, now)) << i;
        } else {
            ASSERT_EQ(looked->opens_at, next_opening(*hours, *berlin, now)) << i;
        }
    }
    EXPECT_TRUE(zones.look({}, "+12025550177", "Europe/Berlin", begin)->is_inside);
    const auto satellite = zones.look(*hours, "+881612345680", "", begin);
    ASSERT_TRUE(satellite);
    EXPECT_FALSE(satellite->is_inside);
    EXPECT_FALSE(satellite->opens_at);
}

TEST_F(CallingZonesTest, are_none_for_a_number_without_a_country) {
    EXPECT_THAT(names("+80012345678"), SizeIs(0));
    EXPECT_THAT(names("+9991234567"), SizeIs(0));
}

}  // namespace
}  // namespace wrapup
