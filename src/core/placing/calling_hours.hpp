#pragma once

// When people may be rung: WRAPUP_CALLING_HOURS, and where they may live.

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/time_zone.hpp"

namespace wrapup {

// Hours of every week, by the clock on the wall of the person called.
struct CallingHours {
    struct Window {
        std::chrono::minutes from{};    // Since Monday 00:00.
        std::chrono::minutes length{};  // Over midnight, and over the week's end, if need be.

        bool operator==(const Window&) const = default;
    };
    std::vector<Window> windows;  // None: at any time.

    bool operator==(const CallingHours&) const = default;
};

// "mon-fri 09:00-20:00, sat 10:00-14:00": days are mon to sun, single, as a range, or left out
// (every day); times are 00:00 to 24:00; one that ends before it begins goes over midnight. Several
// entries may name the same day. Empty: at any time. invalid_input says what is wrong, in words
// that follow the setting's name.
Result<CallingHours> parse_calling_hours(std::string_view text);

// Whether it is inside the hours in every one of the zones: somebody of whom only the country is
// known may live in any of them. Without zones only where there are no hours.
bool is_inside(const CallingHours& hours, const std::vector<TimeZone>& zones, UtcTime now);

// The first moment from `now` on that is inside. Nothing when there is none within two weeks: the
// hours of the zones never meet, or there are no zones.
std::optional<UtcTime> next_opening(const CallingHours& hours, const std::vector<TimeZone>& zones,
                                    UtcTime now);
// The first moment from `now` on that is outside. Nothing when there is none within two weeks.
std::optional<UtcTime> next_closing(const CallingHours& hours, const std::vector<TimeZone>& zones,
                                    UtcTime now);

}  // namespace wrapup
