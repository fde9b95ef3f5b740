#include "app/serve/heartbeat.hpp"

#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>
#include <mutex>
#include <optional>
#include <thread>

#include "adapters/clock/asio_clock.hpp"
#include "service/tasks/event_loop.hpp"
#include "service/tasks/root_task.hpp"
#include "test/app/serve/notify_socket.hpp"

namespace wrapup {
namespace {
namespace asio = boost::asio;

// A loop that beats, and a thread that it looks after.
class HeartbeatTest : public testing::Test {
protected:
    void start(milliseconds patience) {
        heartbeat.emplace(ServiceManager(name, patience), clock,
                          std::vector<asio::any_io_executor>{watched.get_executor()});
        spawn_root(loop.get_executor(), heartbeat->run("here"));
        thread = std::thread([this] {
            const auto guard = asio::make_work_guard(loop);
            loop.run();
        });
    }
    ~HeartbeatTest() override {
        loop.stop();
        thread.join();
        watched.join();
        loop.drop_pending();
    }

    const std::string name = "@wrapup-heart-" + std::to_string(getpid());
    NotifySocket socket{name};
    AsioClock clock;
    EventLoop loop;
    asio::thread_pool watched{1};
    std::optional<Heartbeat> heartbeat;
    std::thread thread;
};

TEST_F(HeartbeatTest, tells_that_it_is_ready_and_then_that_it_lives) {
    start(milliseconds{30});
    EXPECT_EQ(socket.next(), "READY=1\nSTATUS=here");
    EXPECT_EQ(socket.next(), "WATCHDOG=1");
    EXPECT_EQ(socket.next(), "WATCHDOG=1");
}

TEST_F(HeartbeatTest, is_not_ready_before_every_thread_took_its_turn) {
    std::mutex hang;
    std::unique_lock lock(hang);
    asio::post(watched, [&hang] { const std::lock_guard wait(hang); });
    start(milliseconds{30});
    EXPECT_EQ(socket.next(milliseconds{200}), "");
    lock.unlock();
    EXPECT_EQ(socket.next(), "READY=1\nSTATUS=here");
}

TEST_F(HeartbeatTest, is_silent_while_a_thread_hangs) {
    start(milliseconds{30});
    EXPECT_EQ(socket.next(), "READY=1\nSTATUS=here");
    std::mutex hang;
    std::unique_lock lock(hang);
    asio::post(watched, [&hang] { const std::lock_guard wait(hang); });
    while (!socket.next(milliseconds{500}).empty()) {
    }
    lock.unlock();
    EXPECT_EQ(socket.next(), "WATCHDOG=1");
}

TEST_F(HeartbeatTest, says_only_once_that_it_is_ready_where_nobody_watches) {
    start(milliseconds{0});
    EXPECT_EQ(socket.next(), "READY=1\nSTATUS=here");
    EXPECT_EQ(socket.next(milliseconds{100}), "");
}

}  // namespace
}  // namespace wrapup
