#pragma once

// How often one thing that goes wrong is written to the log, so that a flood of it leaves room for
// the rest. From any thread.

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/rate_window.hpp"

namespace wrapup {

class LogPace {
public:
    // For each cause at most so many lines in a window. Causes are few: each is kept.
    explicit LogPace(int lines_max = 10, milliseconds window = std::chrono::minutes{1})
        : fresh_{RateWindow(lines_max, window)} {}

    // How many lines of that cause were left out since the last one that was written; nothing when
    // this one is to be left out too.
    std::optional<std::int64_t> take(std::string_view cause, UtcTime now);
    // Whether take() would have one written now: what only the line needs is not made in vain.
    bool has_room(std::string_view cause, UtcTime now);

private:
    struct Window {
        RateWindow written;
        std::int64_t silent_count = 0;
    };
    Window& window_of(std::string_view cause);

    const Window fresh_;
    std::mutex mutex_;
    std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace wrapup
