#include "app/cli/short_time.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/console_text.hpp"

namespace wrapup {

TimeZone zone_of(const Console& console) {
    const auto input = console.read_settings();
    return input ? inspect_settings(*input).settings.timezone : TimeZone();
}

std::string short_time(UtcTime at, const TimeZone& zone) {
    const auto local = at + zone.offset_at(at);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::minutes>(local - day)};
    return fmt::format("{:02}-{:02} {:02}:{:02}", static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), time.hours().count(),
                       time.minutes().count());
}

ListTimes::ListTimes(const Console& console) : is_short_(console.terminal_columns > 0) {
    if (is_short_) zone_ = zone_of(console);
}

std::string ListTimes::of(const boost::json::value& row, Names names) const {
    const auto at = is_short_ ? time_member(row, names) : std::nullopt;
    return at ? short_time(*at, zone_) : terminal_text(text_member(row, names));
}

}  // namespace wrapup
