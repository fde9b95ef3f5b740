#pragma once

// How often one thing that goes wrong is written to the log: ten lines a minute for each cause, so
// that a flood of it leaves room for the rest. From any thread.

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace wrapup {

class LogPace {
public:
    // How many lines of that cause were left out since the last one that was written; nothing when
    // this one is to be left out too.
    std::optional<std::int64_t> take(std::string_view cause, UtcTime now);

private:
    struct Window {
        UtcTime began_at{};
        int written_count = 0;
        std::int64_t silent_count = 0;
    };
    std::mutex mutex_;
    std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace wrapup
