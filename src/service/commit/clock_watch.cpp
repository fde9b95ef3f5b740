#include "service/commit/clock_watch.hpp"

namespace wrapup {
namespace {

constexpr seconds look_every{2};
constexpr seconds store_retry{1};

void tell_step(EventLog& log, std::string_view what, milliseconds by) {
    log.write({LogLevel::warning,
               LogTag::none,
               what,
               "",
               {{"by_s", std::to_string(std::chrono::duration_cast<seconds>(by).count())}}});
}

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
    tell_step(ports_.log, "the system clock was set", by);
    // Meanwhile the clock shows the earlier of the two times: nothing is due before its time.
    const bool is_back = by < milliseconds{0};
    while (!is_stopping_) {
        if (is_back) ports_.clock.follow(by);
        const UtcTime now = ports_.clock.now();
        const UtcTime then = is_back ? now : now + by;
        auto shift = [&] { return ports_.store.shift_times(by, then); };
        const Result<void> shifted = co_await ports_.commits.run_between(shift);
        if (shifted) break;
        ports_.metrics.count(Counter::store_errors, "shift_times");
        // What is written until then is of the time that the store's rows are of.
        if (is_back) ports_.clock.follow(-by);
        const UtcTime again_at = ports_.clock.now() + store_retry;
        co_await ports_.clock.sleep_until(again_at, &alarm_);
    }
    if (!is_back) ports_.clock.follow(by);
    if (on_step_) on_step_(by);
}

Result<void> take_over_last_run(EmbeddedStore& store, EventLog& log, UtcTime now) {
    WRAPUP_TRY(const std::optional<UtcTime> written_at, store.last_written_at());
    if (written_at && *written_at >= now + clock_step_min) {
        const milliseconds by = now - *written_at;
        tell_step(log, "the system clock was set back since the last run", by);
        WRAPUP_CHECK(store.shift_times(by, now));
    }
    return store.void_leases(now);
}

}  // namespace wrapup
