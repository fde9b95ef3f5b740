#include "base/time.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t november_ms = 1762713906000;  // Sun, 09 Nov 2025 18:45:06 UTC

TEST(Time, unix_seconds_round_down_also_before_1970) {
    EXPECT_EQ(to_unix_s(from_unix_ms(1999)), 1);
    EXPECT_EQ(to_unix_s(from_unix_ms(-1)), -1);
    EXPECT_EQ(to_unix_ms(from_unix_s(2)), 2000);
}

TEST(Time, formats_rfc3339) {
    EXPECT_EQ(format_rfc3339(from_unix_ms(november_ms)), "2025-11-09T18:45:06.000Z");
    EXPECT_EQ(format_rfc3339(from_unix_ms(november_ms + 250)), "2025-11-09T18:45:06.250Z");
    EXPECT_EQ(format_rfc3339(from_unix_ms(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_rfc3339(from_unix_ms(-1)), "1969-12-31T23:59:59.999Z");
}

struct Row {
    std::string_view text;
    std::optional<std::int64_t> unix_ms;
};

TEST(Time, parses_rfc3339) {
    const Row rows[] = {
        {"2025-11-09T18:45:06Z", november_ms},
        {"2025-11-09t18:45:06z", november_ms},
        {"2025-11-09 18:45:06Z", november_ms},
        {"2025-11-09T18:45:06.25Z", november_ms + 250},
        {"2025-11-09T18:45:06.250999999Z", november_ms + 250},
        {"2025-11-09T18:45:06.000000+00:00", november_ms},
        {"2025-11-09T20:15:06+01:30", november_ms},
        {"2025-11-09T13:45:06-05:00", november_ms},
        {"2024-02-29T00:00:00Z", 1709164800000},
        {"2016-12-31T23:59:60Z", 1483228800000},
        {"2025-02-29T00:00:00Z", {}},
        {"2025-13-01T00:00:00Z", {}},
        {"2025-00-01T00:00:00Z", {}},
        {"2025-11-09T24:00:00Z", {}},
        {"2025-11-09T18:60:00Z", {}},
        {"2025-11-09T18:45:61Z", {}},
        {"2025-11-09T18:45:06", {}},
        {"2025-11-09T18:45:06.Z", {}},
        {"2025-11-09T18:45:06+0100", {}},
        {"2025-11-09T18:45:06+24:00", {}},
        {"2025-11-09T18:45:06Z ", {}},
        {"2025-11-09", {}},
        {"-025-11-09T18:45:06Z", {}},
        {"", {}},
    };
    for (const Row& row : rows) {
        const auto time = parse_rfc3339(row.text);
        const auto unix_ms = time ? std::optional(to_unix_ms(*time)) : std::nullopt;
        EXPECT_EQ(unix_ms, row.unix_ms) << row.text;
    }
}

TEST(Time, writes_dates_with_names) {
    const UtcTime time = from_unix_ms(1'762'713'906'789);
    EXPECT_EQ(format_rfc2822(time), "Sun, 09 Nov 2025 18:45:06 +0000");
    EXPECT_EQ(format_http_date(time), "Sun, 09 Nov 2025 18:45:06 GMT");
    EXPECT_EQ(format_http_date(from_unix_ms(-1)), "Wed, 31 Dec 1969 23:59:59 GMT");
    for (int month = 0; month < 12; ++month) {
        const UtcTime each = time + std::chrono::days{31 * month};
        EXPECT_EQ(parse_rfc2822(format_rfc2822(each)), std::chrono::floor<seconds>(each));
    }
}

TEST(Time, parses_rfc2822) {
    const Row rows[] = {
        {"Sun, 09 Nov 2025 18:45:06 +0000", november_ms},
        {"09 Nov 2025 18:45:06 +0000", november_ms},
        {"Sun, 9 Nov 2025 18:45:06 +0000", november_ms},
        {" sun, 09 nov 2025 18:45:06 gmt ", november_ms},
        {"Sun, 09 Nov 2025 19:45:06 +0100", november_ms},
        {"Sun, 09 Nov 2025 11:15:06 -0730", november_ms},
        {"Sunday, 09 Nov 2025 18:45:06 GMT", november_ms},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777000},
        {"Sun, 31 Nov 2025 18:45:06 +0000", {}},
        {"Sun, 09 Nox 2025 18:45:06 +0000", {}},
        {"Sun, 09 Nov 2025 18:45:06", {}},
        {"Sun, 09 Nov 25 18:45:06 +0000", {}},
        {"Sun, 09 Nov 2025 18:45:06 +00:00", {}},
        {"Sun, 09 Nov 2025 18:45:06 +0000 trailing", {}},
        {"a very long day, 09 Nov 2025 18:45:06 +0000", {}},
        {"2025-11-09T18:45:06Z", {}},
        {"", {}},
    };
    for (const Row& row : rows) {
        const auto time = parse_rfc2822(row.text);
        const auto unix_ms = time ? std::optional(to_unix_ms(*time)) : std::nullopt;
        EXPECT_EQ(unix_ms, row.unix_ms) << row.text;
    }
}

struct DurationRow {
    std::string_view text;
    std::optional<milliseconds> duration;
};

TEST(Time, parses_durations) {
    const DurationRow rows[] = {
        {"180s", seconds{180}},
        {"180", seconds{180}},
        {"0", seconds{0}},
        {" 10m ", minutes{10}},
        {"1.5h", minutes{90}},
        {"0.25", milliseconds{250}},
        {"200ms", milliseconds{200}},
        {"90d", days{90}},
        {"5M", minutes{5}},
        {"1.000000000000000000001s", seconds{1}},
        {"3652d", days{3652}},
        {"3653d", {}},
        {"87648.1h", {}},
        {"99999999999999999999d", {}},
        {"9223372036854775807", {}},
        {"-5s", {}},
        {"+5s", {}},
        {"5 s", {}},
        {"5w", {}},
        {"5ss", {}},
        {".5s", {}},
        {"5.s", {}},
        {"s", {}},
        {"1e3", {}},
        {"", {}},
    };
    for (const DurationRow& row : rows)
        EXPECT_EQ(parse_duration(row.text), row.duration) << row.text;
}

TEST(Time, formats_durations_in_the_largest_unit_that_fits) {
    const DurationRow rows[] = {
        {"3m", minutes{3}},
        {"90s", seconds{90}},
        {"250ms", milliseconds{250}},
        {"1500ms", milliseconds{1500}},
        {"12h", hours{12}},
        {"1d", hours{24}},
        {"90d", days{90}},
        {"0s", milliseconds{0}},
    };
    for (const DurationRow& row : rows) {
        EXPECT_EQ(format_duration(*row.duration), row.text);
        EXPECT_EQ(parse_duration(row.text), row.duration);
    }
}

}  // namespace
}  // namespace wrapup
