#include "app/cli/given_time.hpp"

#include <chrono>
#include <optional>

#include "app/cli/short_time.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

std::optional<Date> date_of(const std::string& word, const GivenTimes& times) {
    const auto today = [&] { return times.zone().date_at(times.now); };
    if (word == "today") return today();
    if (word == "yesterday") return Date{sys_days{today()} - days{1}};
    if (word == "tomorrow") return next_date(today());
    return parse_date(word);
}

// "2026-11-27 12:00", "2026-11-27T12:00:30": what clocks show there.
std::optional<UtcTime> local_time(const std::string& text,
                                  const std::function<TimeZone()>& find_zone) {
    constexpr std::size_t to_minutes = 16;
    const auto shown = parse_rfc3339(text + (text.size() == to_minutes ? ":00Z" : "Z"));
    if (!shown) return std::nullopt;
    const TimeZone zone = find_zone();
    // The offset is that of the instant, which is found by it.
    const UtcTime near = *shown - zone.offset_at(*shown);
    return *shown - zone.offset_at(near);
}

}  // namespace

Result<void> GivenTimes::read(std::string_view flag, std::string& text, DateAs as) const {
    text = trim(text);
    if (text.empty()) return {};
    if (const auto date = date_of(to_lower(text), *this)) {
        if (as == DateAs::date) {
            text = format_date(*date);
            return {};
        }
        const TimeSpan day = zone().span_of(*date);
        text = format_rfc3339(as == DateAs::start ? day.from : day.until);
        return {};
    }
    auto time = parse_rfc3339(text);
    if (!time) time = local_time(text, zone);
    if (time) {
        text = format_rfc3339(*time);
        return {};
    }
    return Error{Errc::invalid_input,
                 std::string(flag) +
                     " takes '2026-11-27 12:00' (in WRAPUP_TIMEZONE), 2026-11-27T12:00:00Z, a "
                     "date, today, yesterday or tomorrow"};
}

Result<void> GivenTimes::read_date(std::string_view flag, std::string& text) const {
    text = trim(text);
    if (text.empty()) return {};
    const std::string word = to_lower(text);
    const auto date = word == "tomorrow" ? std::nullopt : date_of(word, *this);
    if (!date) {
        return Error{Errc::invalid_input,
                     std::string(flag) + " takes a date as in 2026-03-01, today or yesterday"};
    }
    // The server's zone may be another: it has not begun where the day begins first, at UTC+14.
    if (sys_days{*date} > now + std::chrono::hours{14}) {
        return Error{Errc::invalid_input,
                     std::string(flag) + ": " + format_date(*date) + " has not begun yet"};
    }
    text = format_date(*date);
    return {};
}

GivenTimes given_times(const Console& console) {
    return {[&console] { return zone_of(console); },
            std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
}

}  // namespace wrapup
