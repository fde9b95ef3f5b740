#pragma once

// Days of people: which instants make up a date where somebody lives. Pure; where zones are read
// from is adapters/files/time_zone_file.hpp.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace wrapup {

using Date = std::chrono::year_month_day;

std::string format_date(Date date);  // "2026-11-26"
// The same form, a day that exists. Nothing on any other text.
std::optional<Date> parse_date(std::string_view text);
Date next_date(Date date);

// [from, until)
struct TimeSpan {
    UtcTime from{};
    UtcTime until{};

    bool contains(UtcTime time) const { return from <= time && time < until; }
    bool operator==(const TimeSpan&) const = default;
};

class TimeZone {
public:
    // From then on local time is so far ahead of UTC.
    struct Change {
        std::int64_t at_s = 0;  // Since 1970.
        std::int32_t offset_s = 0;

        bool operator==(const Change&) const = default;
    };

    TimeZone() = default;  // UTC.
    // `changes` in order. Offsets lie within a day.
    TimeZone(std::string name, std::int32_t first_offset_s, std::vector<Change> changes);

    const std::string& name() const { return name_; }
    seconds offset_at(UtcTime time) const;
    // Days follow each other without gap and overlap, wherever clocks are set: a date begins when
    // its midnight is first reached, or passed over.
    Date date_at(UtcTime time) const;
    TimeSpan span_of(Date date) const;

    bool operator==(const TimeZone&) const = default;

private:
    UtcTime start_of(Date date) const;

    std::string name_ = "UTC";
    std::int32_t first_offset_s_ = 0;
    std::vector<Change> changes_;
};

}  // namespace wrapup
