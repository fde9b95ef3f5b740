#pragma once

// How much of each kind came within the last hour, and when the last of it did.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace wrapup {

class RecentTraffic {
public:
    struct Line {
        std::string kind;
        std::int64_t last_hour = 0;
        UtcTime last_at{};

        bool operator==(const Line&) const = default;
    };

    // The kinds are few: they are remembered for good.
    void note(std::string_view kind, UtcTime now);
    // By kind; those that never came are absent. The hour is one of whole minutes.
    std::vector<Line> lines(UtcTime now) const;

private:
    static constexpr std::int64_t minutes_count = 60;
    struct Kind {
        std::array<std::int64_t, minutes_count> counts{};
        std::array<std::int64_t, minutes_count> minutes{};  // Since 1970; of which it counts.
        UtcTime last_at{};
    };

    std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace wrapup
