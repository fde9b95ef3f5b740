#pragma once

#include <array>
#include <optional>

#include "base/time.hpp"

namespace wrapup {

// How many events come in each hour of the week, learned, and whether none for so long is unusual.
class EventRhythm {
public:
    static constexpr int hours_count = 7 * 24;
    struct Kept {
        std::array<double, hours_count> usual{};  // Events per hour; -1: that hour was never seen.
        std::optional<UtcTime> last_event_at;
    };
    EventRhythm();
    explicit EventRhythm(Kept kept) : kept_(kept) {}

    // So many events have come since the last call.
    void note(std::int64_t count, UtcTime now);
    // How long there has been none, when that is unusual: at least half an hour, in which twenty
    // are usual at this time of the week.
    std::optional<milliseconds> unusual_silence(UtcTime now) const;

    const Kept& kept() const { return kept_; }

private:
    void begin_hour(std::int64_t hour);

    Kept kept_;
    std::int64_t hour_ = -1;  // Since the epoch; the one that is being counted.
    bool is_hour_whole_ = false;
    double in_hour_ = 0;
};

}  // namespace wrapup
