#pragma once

// Times as people type them at a shell. Without an offset they are of WRAPUP_TIMEZONE, here or of
// the server.

#include <functional>
#include <string>
#include <string_view>

#include "app/cli/cli.hpp"
#include "base/result.hpp"
#include "base/time_zone.hpp"

namespace wrapup {

// What a date becomes.
enum class DateAs {
    date,   // As it is: whoever takes it knows whether the day is included.
    start,  // The instant when it begins.
    end,    // The instant when it is over.
};

struct GivenTimes {
    std::function<TimeZone()> zone;  // Asked for where it is needed.
    UtcTime now{};

    // Makes `text` RFC 3339 or a date, from these, from "2026-11-27 12:00[:30]" (or with T),
    // "today", "yesterday", "tomorrow". Empty stays so. invalid_input names `flag`.
    Result<void> read(std::string_view flag, std::string& text, DateAs as = DateAs::date) const;
    // The same of a date alone, that has begun somewhere.
    Result<void> read_date(std::string_view flag, std::string& text) const;
};

GivenTimes given_times(const Console& console);

}  // namespace wrapup
