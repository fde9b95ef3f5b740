#include "service/commit/clock_watch.hpp"

namespace wrapup {
namespace {

constexpr seconds look_every{2};
constexpr seconds store_retry{1};
// Less than that is slewing, and harms nobody.
constexpr seconds step_min{2};

}  // namespace

Task<void> ClockWatch::run() {
    while (!is_stopping_) {
        const UtcTime until = ports_.clock.now() + look_every;
        co_await ports_.clock.sleep_until(until, &alarm_);
        const milliseconds ahead = ports_.clock.ahead();
        const milliseconds by = ahead - ahead_;
        ahead_ = ahead;
        if (std::chrono::abs(by) >= step_min) co_await bring_in(by);
    }
}

Task<void> ClockWatch::bring_in(milliseconds by) {
    ports_.log.write({LogLevel::warning,
                      LogTag::none,
                      "the system clock was set",
                      "",
                      {{"by_s", std::to_string(std::chrono::duration_cast<seconds>(by).count())}}});
    while (!is_stopping_) {
        const UtcTime now = ports_.clock.now();
        auto shift = [&] { return ports_.store.shift_times(by, now); };
        const Result<void> shifted = co_await ports_.commits.run_between(shift);
        if (shifted) break;
        ports_.metrics.count(Counter::store_errors, "shift_times");
        const UtcTime again_at = now + store_retry;
        co_await ports_.clock.sleep_until(again_at, &alarm_);
    }
    if (on_step_) on_step_(by);
}

}  // namespace wrapup
