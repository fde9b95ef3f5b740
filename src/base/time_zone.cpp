#include "base/time_zone.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::int64_t day_s = 86'400;

}  // namespace

std::string format_date(Date date) {
    std::array<char, 32> text{};
    const int size =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    WRAPUP_ASSERT(size > 0 && static_cast<std::size_t>(size) < text.size());
    return std::string(text.data(), static_cast<std::size_t>(size));
}

std::optional<Date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (const std::size_t index : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
        if (!is_digit(text[index])) return std::nullopt;
    }
    const auto year = *parse_int(text.substr(0, 4));
    const auto month = *parse_int(text.substr(5, 2));
    const auto day = *parse_int(text.substr(8, 2));
    const Date date{std::chrono::year{static_cast<int>(year)},
                    std::chrono::month{static_cast<unsigned>(month)},
                    std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return std::nullopt;
    return date;
}

Date next_date(Date date) { return Date{sys_days{date} + days{1}}; }

TimeZone::TimeZone(std::string name, std::int32_t first_offset_s, std::vector<Change> changes)
    : name_(std::move(name)), first_offset_s_(first_offset_s), changes_(std::move(changes)) {
    WRAPUP_ASSERT(std::ranges::is_sorted(changes_, {}, &Change::at_s));
    const auto is_within_a_day = [](std::int32_t offset_s) {
        return offset_s > -day_s && offset_s < day_s;
    };
    WRAPUP_ASSERT(is_within_a_day(first_offset_s_));
    WRAPUP_ASSERT(std::ranges::all_of(changes_, is_within_a_day, &Change::offset_s));
}

seconds TimeZone::offset_at(UtcTime time) const {
    const auto after = std::ranges::upper_bound(changes_, to_unix_s(time), {}, &Change::at_s);
    return seconds{after == changes_.begin() ? first_offset_s_ : std::prev(after)->offset_s};
}

// Offsets lie within a day, so that what happened two days before the date in UTC is earlier.
UtcTime TimeZone::start_of(Date date) const {
    const std::int64_t midnight_s = to_unix_s(sys_days{date});
    auto change = std::ranges::upper_bound(changes_, midnight_s - 2 * day_s, {}, &Change::at_s);
    std::int64_t since_s = midnight_s - 2 * day_s;
    std::int64_t offset_s =
        change == changes_.begin() ? first_offset_s_ : std::prev(change)->offset_s;
    for (; change != changes_.end(); ++change) {
        if (std::max(since_s, midnight_s - offset_s) < change->at_s) break;
        since_s = change->at_s;
        offset_s = change->offset_s;
    }
    return from_unix_s(std::max(since_s, midnight_s - offset_s));
}

Date TimeZone::date_at(UtcTime time) const {
    sys_days day{std::chrono::floor<days>(time + offset_at(time))};
    while (time < start_of(Date{day})) day -= days{1};
    while (time >= start_of(Date{day + days{1}})) day += days{1};
    return Date{day};
}

TimeSpan TimeZone::span_of(Date date) const { return {start_of(date), start_of(next_date(date))}; }

}  // namespace wrapup
