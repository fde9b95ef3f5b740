#include "core/watch/event_rhythm.hpp"

#include <algorithm>

namespace wrapup {
namespace {

constexpr std::chrono::minutes silence_min{30};
constexpr double expected_min = 20;
// How much the last week counts against those before.
constexpr double weight = 0.5;

std::int64_t hour_of(UtcTime at) {
    return std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count();
}

}  // namespace

EventRhythm::EventRhythm() { kept_.usual.fill(-1); }

void EventRhythm::begin_hour(std::int64_t hour) {
    if (hour_ >= 0 && hour > hour_ && is_hour_whole_) {
        double& usual = kept_.usual[static_cast<std::size_t>(hour_ % hours_count)];
        usual = usual < 0 ? in_hour_ : usual + weight * (in_hour_ - usual);
    }
    // The hour in which we began to count is not a whole one.
    is_hour_whole_ = hour_ >= 0 && hour == hour_ + 1;
    hour_ = hour;
    in_hour_ = 0;
}

void EventRhythm::note(std::int64_t count, UtcTime now) {
    const std::int64_t hour = hour_of(now);
    if (hour != hour_) begin_hour(hour);
    in_hour_ += static_cast<double>(count);
    if (count > 0) kept_.last_event_at = now;
}

std::optional<milliseconds> EventRhythm::unusual_silence(UtcTime now) const {
    if (!kept_.last_event_at || now - *kept_.last_event_at < silence_min) return std::nullopt;
    // More than a day of silence says no more than a day.
    UtcTime at = std::max(*kept_.last_event_at, now - std::chrono::hours{24});
    double expected = 0;
    while (at < now) {
        const UtcTime end = std::min(now, UtcTime{std::chrono::hours{hour_of(at) + 1}});
        const double usual = kept_.usual[static_cast<std::size_t>(hour_of(at) % hours_count)];
        const std::chrono::duration<double, std::ratio<3600>> part = end - at;
        if (usual > 0) expected += usual * part.count();
        at = end;
    }
    if (expected < expected_min) return std::nullopt;
    return now - *kept_.last_event_at;
}

}  // namespace wrapup
