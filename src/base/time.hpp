#pragma once

// Wall time with the resolution we store, and its text forms. Pure: nobody here reads a clock.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace wrapup {

using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr UtcTime from_unix_ms(std::int64_t ms) { return UtcTime{milliseconds{ms}}; }
constexpr UtcTime from_unix_s(std::int64_t s) { return UtcTime{seconds{s}}; }
constexpr std::int64_t to_unix_ms(UtcTime time) { return time.time_since_epoch().count(); }
constexpr std::int64_t to_unix_s(UtcTime time) {
    return std::chrono::floor<seconds>(time.time_since_epoch()).count();
}

// "2026-03-01T12:00:05.250Z" (RFC 3339, always UTC and milliseconds).
std::string format_rfc3339(UtcTime time);
// Accepts 'Z' or a numeric offset, with or without a fraction. Nothing on any other text.
std::optional<UtcTime> parse_rfc3339(std::string_view text);
// "Sun, 09 Nov 2025 18:45:06 +0000" (RFC 2822), as Twilio writes times. Nothing on any other text.
std::optional<UtcTime> parse_rfc2822(std::string_view text);

// The same in UTC, without milliseconds.
std::string format_rfc2822(UtcTime time);
// "Sun, 09 Nov 2025 18:45:06 GMT" (RFC 9110), as HTTP writes it.
std::string format_http_date(UtcTime time);

// "180s", "10m", "1.5h", "200ms", "90d", or a bare number of seconds. Nothing when it is none of
// these, negative, or beyond ten years.
std::optional<milliseconds> parse_duration(std::string_view text);
// The shortest of the same forms: "3m", "90s", "250ms".
std::string format_duration(milliseconds duration);

}  // namespace wrapup
