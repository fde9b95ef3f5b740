#include "sim/sim_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wrapup {
namespace asio = boost::asio;
namespace {

// A healthy instant takes a few hundred steps even when everything falls due at once.
constexpr int steps_per_instant_max = 50'000;

}  // namespace

Task<void> SimClock::sleep_until(UtcTime due_at, Alarm* alarm) {
    const auto executor = co_await asio::this_coro::executor;
    const bool has_rung = alarm != nullptr && alarm->take();
    if (due_at <= now() || has_rung) co_return co_await asio::post(executor, asio::use_awaitable);

    asio::steady_timer timer(executor);
    timer.expires_at(asio::steady_timer::time_point::max());
    const WakeKey key{due_at - ahead_, sleeps_count_++};
    sleepers_.emplace(key, &timer);
    if (alarm != nullptr) alarm->watch(&timer);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    sleepers_.erase(key);
    if (alarm != nullptr) {
        alarm->watch(nullptr);
        alarm->take();
    }
}

SimClock::End SimClock::run(UtcTime limit, std::uint64_t steps_max,
                            const std::function<bool()>& is_done) {
    for (std::uint64_t steps = 0;;) {
        io_.restart();
        for (int steps_now = 0; io_.poll_one() > 0;) {
            if (++steps >= steps_max) return End::steps;
            if (++steps_now == steps_per_instant_max) return End::livelock;
        }
        if (is_done()) return End::done;
        if (sleepers_.empty()) return End::at_rest;
        const auto next = sleepers_.begin();
        if (next->first.first > limit) return End::limit;
        true_now_ = std::max(true_now_, next->first.first);
        asio::steady_timer* timer = next->second;
        sleepers_.erase(next);
        timer->cancel();
    }
}

}  // namespace wrapup
