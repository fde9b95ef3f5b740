#include "base/time_zone.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

UtcTime at(std::string_view text) { return *parse_rfc3339(text); }
Date date(std::string_view text) { return *parse_date(text); }

constexpr std::int32_t hour_s = 3600;

TimeZone berlin() {
    return TimeZone("Europe/Berlin", hour_s,
                    {{to_unix_s(at("2026-03-29T01:00:00Z")), 2 * hour_s},
                     {to_unix_s(at("2026-10-25T01:00:00Z")), hour_s}});
}

TEST(Dates, are_read_and_written_in_one_form) {
    EXPECT_EQ(format_date(date("2026-03-01")), "2026-03-01");
    EXPECT_EQ(next_date(date("2028-02-28")), date("2028-02-29"));
    EXPECT_EQ(next_date(date("2026-12-31")), date("2027-01-01"));
    for (const char* text : {"", "2026-3-1", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00",
                             "2026-01-01 ", "2026/01/01", "+026-01-01", "2026-01-0a"}) {
        EXPECT_EQ(parse_date(text), std::nullopt) << text;
    }
}

TEST(TimeZones, utc_has_the_days_of_the_calendar) {
    const TimeZone utc;
    EXPECT_EQ(utc.name(), "UTC");
    EXPECT_EQ(utc.span_of(date("2026-11-26")),
              (TimeSpan{at("2026-11-26T00:00:00Z"), at("2026-11-27T00:00:00Z")}));
    EXPECT_EQ(utc.date_at(at("2026-11-26T23:59:59.999Z")), date("2026-11-26"));
    EXPECT_EQ(utc.date_at(at("2026-11-27T00:00:00Z")), date("2026-11-27"));
}

TEST(TimeZones, a_day_is_as_long_as_its_clocks_say) {
    const TimeZone zone = berlin();
    EXPECT_EQ(zone.span_of(date("2026-01-10")),
              (TimeSpan{at("2026-01-09T23:00:00Z"), at("2026-01-10T23:00:00Z")}));
    EXPECT_EQ(zone.span_of(date("2026-03-29")),
              (TimeSpan{at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z")}));
    EXPECT_EQ(zone.span_of(date("2026-10-25")),
              (TimeSpan{at("2026-10-24T22:00:00Z"), at("2026-10-25T23:00:00Z")}));
    EXPECT_EQ(zone.offset_at(at("2026-07-01T00:00:00Z")), std::chrono::hours{2});
    EXPECT_EQ(zone.date_at(at("2026-07-01T22:00:00Z")), date("2026-07-02"));
}

// Clocks that are set forward over midnight: the day begins when they are.
TEST(TimeZones, a_midnight_that_is_left_out_begins_the_day_nonetheless) {
    const TimeZone zone("X", -3 * hour_s, {{to_unix_s(at("2026-09-06T03:00:00Z")), -2 * hour_s}});
    EXPECT_EQ(zone.span_of(date("2026-09-06")).from, at("2026-09-06T03:00:00Z"));
    EXPECT_EQ(zone.date_at(at("2026-09-06T02:59:59Z")), date("2026-09-05"));
}

// Clocks that are set back over midnight, and a zone that leaves a whole day out.
TEST(TimeZones, days_follow_each_other_without_gap_and_overlap) {
    const TimeZone zones[] = {
        berlin(),
        TimeZone("Back", 0, {{to_unix_s(at("2026-03-02T00:30:00Z")), -hour_s}}),
        TimeZone("Leap", -10 * hour_s, {{to_unix_s(at("2026-03-02T10:00:00Z")), 14 * hour_s}}),
    };
    for (const TimeZone& zone : zones) {
        Date day = date("2026-02-20");
        for (int i = 0; i < 300; ++i, day = next_date(day)) {
            const TimeSpan span = zone.span_of(day);
            ASSERT_EQ(span.until, zone.span_of(next_date(day)).from) << zone.name();
            if (span.from == span.until) continue;
            ASSERT_EQ(zone.date_at(span.from), day) << zone.name() << " " << format_date(day);
            ASSERT_EQ(zone.date_at(span.until - milliseconds{1}), day) << zone.name();
        }
    }
}

}  // namespace
}  // namespace wrapup
