#include "core/placing/calling_hours.hpp"

#include <gmock/gmock.h>

#include <map>

#include "adapters/files/time_zone_file.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::SizeIs;

UtcTime at(std::string_view text) { return parse_rfc3339(text).value(); }
CallingHours parsed(std::string_view text) {
    const auto result = parse_calling_hours(text);
    EXPECT_TRUE(result) << text << ": " << (result ? "" : result.error().detail);
    return result ? *result : CallingHours{};
}
std::vector<TimeZone> zones(std::initializer_list<std::string_view> names) {
    std::vector<TimeZone> found;
    for (const std::string_view name : names) found.push_back(load_time_zone(name).value());
    return found;
}
std::string opening(const CallingHours& calling, const std::vector<TimeZone>& where,
                    std::string_view now) {
    const auto time = next_opening(calling, where, at(now));
    return time ? format_rfc3339(*time) : "never";
}

TEST(CallingHours, reads_days_and_times) {
    using Window = CallingHours::Window;
    EXPECT_THAT(parsed("").windows, SizeIs(0));
    EXPECT_THAT(parsed("mon 09:00-20:00").windows,
                testing::ElementsAre(Window{hours{9}, hours{11}}));
    EXPECT_THAT(parsed(" Mon - Fri 09:00 - 20:00 , sat 10:00-14:00").windows, SizeIs(6));
    EXPECT_EQ(parsed("tue 09:00-24:00").windows[0], (Window{hours{33}, hours{15}}));
    EXPECT_THAT(parsed("08:30-21:00").windows, SizeIs(7));
    EXPECT_EQ(parsed("sun 22:00-06:00").windows[0], (Window{hours{6 * 24 + 22}, hours{8}}));
    EXPECT_THAT(parsed("sat-mon 09:00-10:00").windows, SizeIs(3));
    EXPECT_EQ(parsed("mon 00:00-24:00").windows[0].length, hours{24});
}

TEST(CallingHours, refuses_what_is_none_and_says_where) {
    for (const char* const text :
         {"always", "mon", "mon-", "montag 09:00-20:00", "mon 9-20", "mon 09:00", "mon 09:00-25:00",
          "mon 09:60-10:00", "mon 09:00-09:00", "mon 24:00-09:00", "mon-fri-sun 09:00-10:00",
          "mon 09:00-10:00-11:00", "09:00-20:00 mon", "mon;tue 09:00-10:00"}) {
        const auto result = parse_calling_hours(text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, Errc::invalid_input);
        EXPECT_THAT(result.error().detail, HasSubstr("is not right at \""));
    }
    EXPECT_THAT(parse_calling_hours("mon 09:00-20:00, sat 9").error().detail,
                HasSubstr("\"sat 9\""));
}

TEST(CallingHours, are_inside_from_the_first_second_until_before_the_last) {
    const auto utc = zones({"UTC"});
    const CallingHours week = parsed("mon-fri 09:00-20:00");
    EXPECT_FALSE(is_inside(week, utc, at("2026-11-27T08:59:59.999Z")));  // A Friday.
    EXPECT_TRUE(is_inside(week, utc, at("2026-11-27T09:00:00Z")));
    EXPECT_TRUE(is_inside(week, utc, at("2026-11-27T19:59:59.999Z")));
    EXPECT_FALSE(is_inside(week, utc, at("2026-11-27T20:00:00Z")));
    EXPECT_FALSE(is_inside(week, utc, at("2026-11-28T12:00:00Z")));
    EXPECT_EQ(opening(week, utc, "2026-11-27T20:00:00Z"), "2026-11-30T09:00:00.000Z");
    EXPECT_EQ(opening(week, utc, "2026-11-27T19:00:00.123Z"), "2026-11-27T19:00:00.123Z");
    EXPECT_EQ(next_closing(week, utc, at("2026-11-27T19:00:00.123Z")), at("2026-11-27T20:00:00Z"));
    EXPECT_EQ(next_closing(week, utc, at("2026-11-28T12:00:00Z")), at("2026-11-28T12:00:00Z"));
}

TEST(CallingHours, without_any_are_always_and_without_a_zone_never) {
    const UtcTime now = at("2026-11-28T03:00:00Z");
    EXPECT_TRUE(is_inside({}, {}, now));
    EXPECT_EQ(next_opening({}, {}, now), now);
    EXPECT_EQ(next_closing({}, {}, now), std::nullopt);
    EXPECT_FALSE(is_inside(parsed("00:00-24:00"), {}, now));
    EXPECT_EQ(next_opening(parsed("00:00-24:00"), {}, now), std::nullopt);
    EXPECT_EQ(next_closing(parsed("00:00-24:00"), zones({"UTC"}), now), std::nullopt);
}

TEST(CallingHours, go_over_midnight_and_the_weeks_end) {
    const auto utc = zones({"UTC"});
    const CallingHours night = parsed("sun 22:00-06:00");
    EXPECT_TRUE(is_inside(night, utc, at("2026-11-29T23:00:00Z")));
    EXPECT_TRUE(is_inside(night, utc, at("2026-11-30T05:59:00Z")));
    EXPECT_FALSE(is_inside(night, utc, at("2026-11-30T06:00:00Z")));
    EXPECT_FALSE(is_inside(night, utc, at("2026-11-29T05:00:00Z")));
}

TEST(CallingHours, follow_the_clock_on_the_wall_when_it_is_set) {
    const auto berlin = zones({"Europe/Berlin"});
    const CallingHours day = parsed("09:00-20:00");
    // Summer time begins on 29 March 2026 and ends on 25 October.
    EXPECT_EQ(opening(day, berlin, "2026-03-28T20:00:00Z"), "2026-03-29T07:00:00.000Z");
    EXPECT_EQ(opening(day, berlin, "2026-03-27T20:00:00Z"), "2026-03-28T08:00:00.000Z");
    EXPECT_EQ(opening(day, berlin, "2026-10-24T19:00:00Z"), "2026-10-25T08:00:00.000Z");
    // 02:30 is passed over on that day: the window begins when the wall says 03:00.
    const CallingHours gap = parsed("02:30-04:00");
    EXPECT_EQ(opening(gap, berlin, "2026-03-29T00:00:00Z"), "2026-03-29T01:00:00.000Z");
    EXPECT_EQ(next_closing(gap, berlin, at("2026-03-29T01:00:00Z")), at("2026-03-29T02:00:00Z"));
    // And 02:00 to 03:00 comes twice.
    const CallingHours twice = parsed("02:00-03:00");
    EXPECT_EQ(next_closing(twice, berlin, at("2026-10-25T00:00:00Z")), at("2026-10-25T02:00:00Z"));
}

TEST(CallingHours, know_zones_of_half_and_quarter_hours) {
    const CallingHours day = parsed("09:00-20:00");
    EXPECT_EQ(opening(day, zones({"Asia/Kolkata"}), "2026-11-26T20:00:00Z"),
              "2026-11-27T03:30:00.000Z");
    EXPECT_EQ(opening(day, zones({"Asia/Kathmandu"}), "2026-11-26T20:00:00Z"),
              "2026-11-27T03:15:00.000Z");
    // Lord Howe Island sets its clocks by half an hour.
    EXPECT_EQ(opening(day, zones({"Australia/Lord_Howe"}), "2026-10-03T14:00:00Z"),
              "2026-10-03T22:00:00.000Z");
    EXPECT_EQ(opening(day, zones({"Australia/Lord_Howe"}), "2026-10-02T14:00:00Z"),
              "2026-10-02T22:30:00.000Z");
}

TEST(CallingHours, hold_in_every_zone_of_a_country) {
    const auto states = zones({"America/New_York", "America/Chicago", "America/Denver",
                               "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu"});
    const CallingHours day = parsed("mon-fri 09:00-20:00");
    // Nine in Honolulu is two in New York, in winter.
    EXPECT_EQ(opening(day, states, "2026-11-26T12:00:00Z"), "2026-11-26T19:00:00.000Z");
    EXPECT_EQ(next_closing(day, states, at("2026-11-26T19:00:00Z")), at("2026-11-27T01:00:00Z"));
    EXPECT_FALSE(is_inside(day, states, at("2026-11-26T18:59:59Z")));
}

TEST(CallingHours, say_never_when_the_zones_never_meet) {
    const auto apart = zones({"Pacific/Honolulu", "Asia/Tokyo"});
    EXPECT_EQ(next_opening(parsed("10:00-14:00"), apart, at("2026-11-26T12:00:00Z")), std::nullopt);
}

// A list of 5,000 numbers across four zones, over the night in which Berlin sets its clocks back:
// one call a second in virtual time, each as soon as its zone opens. The clock on the wall is told
// by a table of its own.
TEST(CallingHours, ring_nobody_of_a_list_across_four_zones_at_night) {
    struct Place {
        const char* zone;
        minutes (*offset)(UtcTime);
        int rung = 0;
        std::vector<TimeZone> zones{};
    };
    Place places[] = {
        {"America/New_York", [](UtcTime) { return minutes{-4 * 60}; }},
        {"Europe/Berlin",
         [](UtcTime t) { return minutes{t < at("2026-10-25T01:00:00Z") ? 120 : 60}; }},
        {"Asia/Kolkata", [](UtcTime) { return minutes{330}; }},
        {"Australia/Sydney", [](UtcTime) { return minutes{11 * 60}; }},
    };
    const CallingHours hours_of_week =
        parsed("mon-fri 09:00-20:00, sat 10:00-14:00, sun 16:00-17:00");
    for (Place& place : places) place.zones = zones({place.zone});
    std::multimap<UtcTime, Place*> waiting;
    const UtcTime begin = at("2026-10-23T22:00:00Z");  // A Friday evening.
    for (int i = 0; i < 5'000; ++i) waiting.emplace(begin, &places[i % 4]);
    UtcTime now = begin;
    int rung = 0;
    while (!waiting.empty()) {
        const auto first = waiting.begin();
        now = std::max(now, first->first);
        Place& place = *first->second;
        waiting.erase(first);
        const auto opens_at = next_opening(hours_of_week, place.zones, now);
        ASSERT_TRUE(opens_at);
        if (*opens_at > now) {
            waiting.emplace(*opens_at, &place);
            continue;
        }
        const auto local = now + place.offset(now);
        const auto today = std::chrono::floor<std::chrono::days>(local);
        const auto past = std::chrono::floor<minutes>(local - today);
        const std::chrono::weekday day{today};
        const bool is_weekday = day != std::chrono::Saturday && day != std::chrono::Sunday;
        const minutes from = hours{is_weekday ? 9 : day == std::chrono::Saturday ? 10 : 16};
        const minutes until = hours{is_weekday ? 20 : day == std::chrono::Saturday ? 14 : 17};
        ASSERT_TRUE(from <= past && past < until) << place.zone << " " << format_rfc3339(now);
        place.rung += 1;
        rung += 1;
        now += seconds{1};
    }
    EXPECT_EQ(rung, 5'000);
    for (const Place& place : places) EXPECT_EQ(place.rung, 1'250) << place.zone;
}

}  // namespace
}  // namespace wrapup
