// Readiness.

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <stdexcept>

#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

namespace asio = boost::asio;

class StatusRoutesTest : public FrontTest {
protected:
    int ready_status() { return ask(get("/readyz")).status; }
};

TEST_F(StatusRoutesTest, ready_means_that_the_store_can_write) {
    std::atomic<bool> can_write = false;
    options.check_store = [&]() -> Task<bool> { co_return can_write.load(); };
    serve();
    EXPECT_EQ(ready_status(), 503);
    can_write = true;
    EXPECT_EQ(ready_status(), 200);
    can_write = false;
    clock.advance(seconds{1});
    EXPECT_EQ(ready_status(), 503);
}

TEST_F(StatusRoutesTest, a_check_that_throws_is_not_ready) {
    options.check_store = []() -> Task<bool> {
        throw std::runtime_error("no memory");
        co_return true;
    };
    serve();
    EXPECT_EQ(ready_status(), 503);
}

TEST_F(StatusRoutesTest, a_store_that_hangs_is_not_ready_within_its_time_out) {
    std::atomic<int> checks_count = 0;
    options.check_store = [&]() -> Task<bool> {
        checks_count += 1;
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor, std::chrono::hours{1});
        co_await timer.async_wait(asio::use_awaitable);
        co_return true;
    };
    serve();
    const auto began_at = std::chrono::steady_clock::now();
    EXPECT_EQ(ready_status(), 503);
    EXPECT_LT(std::chrono::steady_clock::now() - began_at, std::chrono::seconds{4});
    EXPECT_EQ(ready_status(), 503);
    EXPECT_EQ(checks_count, 1);
}

}  // namespace
}  // namespace wrapup
