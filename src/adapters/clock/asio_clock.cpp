#include "adapters/clock/asio_clock.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>
#include <utility>

namespace wrapup {
namespace asio = boost::asio;
namespace {

// The timer is steady and due_at is wall time: looking at the wall this often bounds what a clock
// that was set forward, or a machine that was suspended, can add to a sleep.
constexpr milliseconds nap_max{5'000};

milliseconds boot_time() {
    timespec time{};
    (void)clock_gettime(CLOCK_BOOTTIME, &time);
    return seconds{time.tv_sec} +
           std::chrono::duration_cast<milliseconds>(std::chrono::nanoseconds{time.tv_nsec});
}

// Shows the alarm which timer to cancel, also no more when the sleeper is destroyed in its sleep.
class Watched final : public Alarm::Sleep {
public:
    Watched(Alarm* alarm, asio::steady_timer& timer) : alarm_(alarm), timer_(timer) {
        if (alarm_ != nullptr) alarm_->watch(this);
    }
    ~Watched() {
        if (alarm_ != nullptr) alarm_->watch(nullptr);
    }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

    void end() override { timer_.cancel(); }

private:
    Alarm* alarm_;
    asio::steady_timer& timer_;
};

}  // namespace

ClockSource ClockSource::system() {
    const auto wall = [] {
        return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    };
    return {wall, boot_time};
}

AsioClock::AsioClock(ClockSource source) : source_(std::move(source)) {}

milliseconds AsioClock::ahead() const { return now().time_since_epoch() - source_.steady(); }

Task<void> AsioClock::sleep_until(UtcTime due_at, Alarm* alarm) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    UtcTime at = now();
    if (due_at <= at || (alarm != nullptr && alarm->take())) {
        co_await asio::post(executor, asio::use_awaitable);
        co_return;
    }

    // Whatever happens to the wall, the sleep is no longer than it seemed at its start.
    const milliseconds started = source_.steady();
    const milliseconds wait = due_at - at;
    milliseconds slept{0};
    asio::steady_timer timer(executor);
    while (at < due_at && slept < wait) {
        timer.expires_after(std::min({due_at - at, wait - slept, nap_max}));
        const Watched watched(alarm, timer);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (alarm != nullptr && alarm->take()) co_return;
        at = now();
        slept = source_.steady() - started;
    }
}

}  // namespace wrapup
