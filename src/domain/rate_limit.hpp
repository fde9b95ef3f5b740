#pragma once

// How fast attempts may begin at one destination, whoever makes them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace wrapup {

// At most so many begin in any window of time; all of them at once where none began lately.
struct RateLimit {
    int count = 0;
    milliseconds per{seconds{1}};

    bool operator==(const RateLimit&) const = default;
};

// As many as the rate allows have begun; the next one may at `until`.
struct RateWait {
    RateLimit rate;
    UtcTime until{};
};

// "50/s", "3000/m", "100/h".
std::string to_string(const RateLimit& rate);

// What began lately, whatever the rates by which it was let: the older the coarser, by a twentieth
// of a second, of a minute and of an hour. So that no window has too many, up to a twentieth more
// than a window is looked at.
class RateUse {
public:
    // How many more may begin at `now`.
    int room(const RateLimit& rate, UtcTime now) const;
    // When the next one may; `now` when it may at once.
    UtcTime next_at(const RateLimit& rate, UtcTime now) const;
    // So many begin. What no window reaches any more is forgotten.
    void add(int count, UtcTime now);

    // As a store keeps it: "1772366400000:3 1772366400100:1". Nothing on any other text.
    std::string text() const;
    static std::optional<RateUse> parse(std::string_view text);

    bool operator==(const RateUse&) const = default;

private:
    std::int64_t begun_within(milliseconds length, UtcTime now) const;

    std::map<UtcTime, int> begun_;  // By the slice's beginning.
};

}  // namespace wrapup
