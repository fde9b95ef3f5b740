#include "app/serve/heartbeat.hpp"

namespace wrapup {
namespace {

// A round may take as long as the pause before it and is still in time.
constexpr int beats_per_patience = 3;

}  // namespace

Heartbeat::Heartbeat(ServiceManager manager, Clock& clock,
                     const std::vector<boost::asio::any_io_executor>& threads)
    : manager_(std::move(manager)), clock_(clock), threads_(threads.begin(), threads.end()) {}

Task<void> Heartbeat::run(std::string status) {
    if (!manager_.exists()) co_return;
    co_await go_round();
    manager_.tell("READY=1\nSTATUS=" + status);
    while (manager_.patience() > milliseconds{0}) {
        const UtcTime next = clock_.now() + manager_.patience() / beats_per_patience;
        co_await clock_.sleep_until(next);
        co_await go_round();
        manager_.tell("WATCHDOG=1");
    }
}

Task<void> Heartbeat::go_round() {
    for (BlockingPool& thread : threads_) {
        const auto take_turn = [] { return true; };
        (void)co_await thread.run(take_turn);
    }
}

}  // namespace wrapup
