#include "service/commit/clock_watch.hpp"

namespace wrapup {
namespace {

constexpr seconds look_every{2};
constexpr seconds store_retry{1};

}  // namespace

Task<void> ClockWatch::run() {
    while (!is_stopping_) {
        const UtcTime until = ports_.clock.now() + look_every;
        co_await ports_.clock.sleep_until(until, &alarm_);
        const milliseconds by = ports_.clock.held_back();
        if (std::chrono::abs(by) < clock_step_min) {
            ports_.clock.follow(by);
        } else {
            co_await bring_in(by);
        }
    }
}

Task<void> ClockWatch::bring_in(milliseconds by) {
    ports_.log.write({LogLevel::warning,
                      LogTag::none,
                      "the system clock was set",
                      "",
                      {{"by_s", std::to_string(std::chrono::duration_cast<seconds>(by).count())}}});
    // Meanwhile the clock shows the earlier of the two times: nothing is due before its time.
    const bool is_back = by < milliseconds{0};
    if (is_back) ports_.clock.follow(by);
    while (!is_stopping_) {
        const UtcTime now = ports_.clock.now();
        const UtcTime then = is_back ? now : now + by;
        auto shift = [&] { return ports_.store.shift_times(by, then); };
        const Result<void> shifted = co_await ports_.commits.run_between(shift);
        if (shifted) break;
        ports_.metrics.count(Counter::store_errors, "shift_times");
        const UtcTime again_at = now + store_retry;
        co_await ports_.clock.sleep_until(again_at, &alarm_);
    }
    if (!is_back) ports_.clock.follow(by);
    if (on_step_) on_step_(by);
}

}  // namespace wrapup
