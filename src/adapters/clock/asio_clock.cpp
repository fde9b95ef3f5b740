#include "adapters/clock/asio_clock.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wrapup {
namespace asio = boost::asio;
namespace {

// The timer is steady and due_at is wall time: looking at the wall this often bounds what a clock
// that was set, or a machine that was suspended, can add to a sleep.
constexpr milliseconds nap_max{30'000};

// Shows the alarm which timer to cancel, also no more when the sleeper is destroyed in its sleep.
class Watched {
public:
    Watched(Alarm* alarm, asio::steady_timer& timer) : alarm_(alarm) {
        if (alarm_ != nullptr) alarm_->watch(&timer);
    }
    ~Watched() {
        if (alarm_ != nullptr) alarm_->watch(nullptr);
    }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

private:
    Alarm* alarm_;
};

}  // namespace

UtcTime AsioClock::now() const {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

Task<void> AsioClock::sleep_until(UtcTime due_at, Alarm* alarm) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    UtcTime at = now();
    if (due_at <= at || (alarm != nullptr && alarm->take())) {
        co_await asio::post(executor, asio::use_awaitable);
        co_return;
    }

    asio::steady_timer timer(executor);
    while (at < due_at) {
        timer.expires_after(std::min(due_at - at, nap_max));
        const Watched watched(alarm, timer);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (alarm != nullptr && alarm->take()) co_return;
        at = now();
    }
}

}  // namespace wrapup
