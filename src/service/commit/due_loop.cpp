#include "service/commit/due_loop.hpp"

#include <algorithm>

namespace wrapup {
namespace {

constexpr seconds store_retry{1};
constexpr milliseconds stop_look{50};

}  // namespace

Task<void> DueLoop::run() {
    while (!is_stopping_) {
        const UtcTime looked_at = ports_.clock.now();
        is_full_ = !has_room() || worker_.room(looked_at) <= 0;
        if (is_full_) {
            const auto room_at = worker_.room_at(looked_at);
            const UtcTime until =
                std::min(room_at.value_or(UtcTime::max()), looked_at + limits_.idle_max);
            co_await wait_for_a_ring(until - looked_at);
            continue;
        }
        co_await ports_.commits.let_senders_first(ports_.clock);
        const bool is_flood = ports_.commits.is_under_pressure();
        const int claim_max = is_flood ? limits_.claim_in_flood : limits_.claim_max;
        const UtcTime now = ports_.clock.now();
        const int room =
            std::min({claim_max, limits_.in_progress_max - in_progress_.load(), worker_.room(now)});
        if (room <= 0) continue;
        const Result<std::size_t> claimed = co_await worker_.claim_due(now, room);
        if (!claimed) {
            worker_.store_failed("claim", claimed.error());
            const UtcTime retry_at = now + store_retry;
            co_await ports_.clock.sleep_until(retry_at);
            continue;
        }
        const bool is_all = *claimed < static_cast<std::size_t>(room);
        if (is_all) co_await wait_for_work();
    }
    // Who tries to enter from another thread and finds us stopping does not ring.
    while (in_progress_ > 0) co_await wait_for_a_ring(stop_look);
}

Task<void> DueLoop::wait_for_work() {
    // Whatever is scheduled while we look must ring, for we may not see it.
    sleeping_until_ = UtcTime::max();
    auto read = [this] { return worker_.next_due(); };
    const auto due = co_await ports_.reads.run(read);
    if (!due) worker_.store_failed("next_due", due.error());
    const UtcTime now = ports_.clock.now();
    UtcTime until = now + (due ? limits_.idle_max : milliseconds{store_retry});
    if (due && due->has_value()) until = std::min(until, **due);
    // What is due but not ours to claim (a paused destination) must not make us spin.
    until = std::max(until, now + milliseconds{1});
    sleeping_until_ = until;
    co_await ports_.clock.sleep_until(until, &alarm_);
    sleeping_until_ = UtcTime{};
}

Task<void> DueLoop::wait_for_a_ring(milliseconds at_most) {
    const UtcTime until = ports_.clock.now() + at_most;
    co_await ports_.clock.sleep_until(until, &alarm_);
}

void DueLoop::stop() {
    is_stopping_ = true;
    alarm_.ring();
}

void DueLoop::wake_at(UtcTime due_at) {
    if (due_at < sleeping_until_) alarm_.ring();
}

bool DueLoop::try_enter() {
    int count = in_progress_;
    do {
        if (count >= limits_.in_progress_max) return false;
    } while (!in_progress_.compare_exchange_weak(count, count + 1));
    if (!is_stopping_) return true;
    in_progress_ -= 1;
    return false;
}

void DueLoop::leave() {
    in_progress_ -= 1;
    if (is_full_ || is_stopping_) alarm_.ring();
}

}  // namespace wrapup
