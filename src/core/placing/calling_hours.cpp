#include "core/placing/calling_hours.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"

namespace wrapup {
namespace {

using std::chrono::days;
using std::chrono::minutes;

constexpr minutes day{24 * 60};
constexpr minutes week = 7 * day;
// Rules about offsets change them at quarters of an hour, and by no less.
constexpr minutes step_max{15};
constexpr days horizon{14};

constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};

Error wrong(std::string_view entry, std::string_view why) {
    return {Errc::invalid_input, "is not right at \"" + truncate_utf8(to_valid_utf8(entry), 60) +
                                     "\": " + std::string(why)};
}

std::optional<int> parse_day(std::string_view text) {
    const auto found = std::ranges::find_if(
        day_names, [&](std::string_view name) { return equals_ignoring_case(name, text); });
    if (found == day_names.end()) return std::nullopt;
    return static_cast<int>(found - day_names.begin());
}

// "09:00", up to "24:00".
std::optional<minutes> parse_time(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    for (const std::size_t index : {0U, 1U, 3U, 4U}) {
        if (text[index] < '0' || text[index] > '9') return std::nullopt;
    }
    const auto hour = parse_int(text.substr(0, 2));
    const auto minute = parse_int(text.substr(3, 2));
    if (!hour || !minute || *minute > 59) return std::nullopt;
    const minutes time{*hour * 60 + *minute};
    if (time > day) return std::nullopt;
    return time;
}

struct DayRange {
    int first = 0;
    int count = 7;
};

std::optional<DayRange> parse_days(std::string_view text) {
    if (text.empty()) return DayRange{};
    const std::size_t dash = text.find('-');
    const auto first = parse_day(trim(text.substr(0, dash)));
    if (dash == std::string_view::npos)
        return first ? std::optional(DayRange{*first, 1}) : std::nullopt;
    const auto last = parse_day(trim(text.substr(dash + 1)));
    if (!first || !last) return std::nullopt;
    return DayRange{*first, (*last - *first + 7) % 7 + 1};
}

Result<void> add_entry(CallingHours& hours, std::string_view entry) {
    const std::size_t digit = entry.find_first_of("0123456789");
    if (digit == std::string_view::npos) return wrong(entry, "it has no time, such as 09:00-20:00");
    const auto named = parse_days(trim(entry.substr(0, digit)));
    if (!named) {
        return wrong(entry, "days are mon, tue, wed, thu, fri, sat, sun, one or a range: mon-fri");
    }
    const std::string_view times = entry.substr(digit);
    const std::size_t dash = times.find('-');
    const auto from = parse_time(trim(times.substr(0, dash)));
    const auto until =
        dash == std::string_view::npos ? std::nullopt : parse_time(trim(times.substr(dash + 1)));
    if (!from || !until) return wrong(entry, "times are 00:00 to 24:00: 09:00-20:00");
    if (*from == *until || *from == day) return wrong(entry, "the time is empty");
    const minutes length = *until > *from ? *until - *from : *until + day - *from;
    for (int i = 0; i < named->count; ++i) {
        const int weekday = (named->first + i) % 7;
        hours.windows.push_back({weekday * day + *from, length});
    }
    return {};
}

// Of the week, on the wall there.
seconds local_time(const TimeZone& zone, UtcTime now) {
    // The first Monday after 1970 began.
    constexpr UtcTime monday = from_unix_s(4 * 86'400);
    const auto local = std::chrono::floor<seconds>(now - monday) + zone.offset_at(now);
    const auto into = local % seconds{week};
    return into < seconds::zero() ? into + seconds{week} : into;
}

// How long since the window began, at most a week.
seconds since_begin(const CallingHours::Window& window, seconds local) {
    return (local - window.from + week) % seconds{week};
}

// How long it is still open; zero when it is closed.
seconds open_for(const CallingHours& hours, seconds local) {
    seconds left{};
    for (const CallingHours::Window& window : hours.windows) {
        left = std::max(left, seconds{window.length} - since_begin(window, local));
    }
    return left;
}

// Until the next window begins.
seconds closed_for(const CallingHours& hours, seconds local) {
    seconds wait{week};
    for (const CallingHours::Window& window : hours.windows) {
        wait = std::min(wait, seconds{week} - since_begin(window, local));
    }
    return wait;
}

// `wait` later, or at the next quarter of an hour if that is sooner: up to there no clock is set.
UtcTime step(UtcTime moment, seconds wait) {
    const UtcTime whole = std::chrono::floor<minutes>(moment);
    const UtcTime quarter = whole - whole.time_since_epoch() % step_max + step_max;
    return std::min(std::chrono::floor<seconds>(moment) + milliseconds{wait}, quarter);
}

}  // namespace

Result<CallingHours> parse_calling_hours(std::string_view text) {
    CallingHours parsed;
    if (trim(text).empty()) return parsed;
    for (std::size_t end = 0; end != std::string_view::npos;) {
        end = text.find(',');
        const std::string_view entry = trim(text.substr(0, end));
        if (entry.empty()) return wrong(entry, "there is a comma with nothing beside it");
        WRAPUP_CHECK(add_entry(parsed, entry));
        if (end != std::string_view::npos) text.remove_prefix(end + 1);
    }
    return parsed;
}

bool is_inside(const CallingHours& hours, const std::vector<TimeZone>& zones, UtcTime now) {
    if (hours.windows.empty()) return true;
    return !zones.empty() && std::ranges::all_of(zones, [&](const TimeZone& zone) {
        return open_for(hours, local_time(zone, now)) > seconds::zero();
    });
}

std::optional<UtcTime> next_opening(const CallingHours& hours, const std::vector<TimeZone>& zones,
                                    UtcTime now) {
    if (hours.windows.empty()) return now;
    if (zones.empty()) return std::nullopt;
    for (UtcTime moment = now; moment <= now + horizon;) {
        seconds wait{};
        for (const TimeZone& zone : zones) {
            const seconds local = local_time(zone, moment);
            if (open_for(hours, local) > seconds::zero()) continue;
            wait = std::max(wait, closed_for(hours, local));
        }
        if (wait == seconds::zero()) return moment;
        moment = step(moment, wait);
    }
    return std::nullopt;
}

std::optional<UtcTime> next_closing(const CallingHours& hours, const std::vector<TimeZone>& zones,
                                    UtcTime now) {
    if (hours.windows.empty()) return std::nullopt;
    for (UtcTime moment = now; moment <= now + horizon;) {
        seconds left{week};
        for (const TimeZone& zone : zones) {
            left = std::min(left, open_for(hours, local_time(zone, moment)));
        }
        if (zones.empty() || left <= seconds::zero()) return moment;
        moment = step(moment, left);
    }
    return std::nullopt;
}

}  // namespace wrapup
