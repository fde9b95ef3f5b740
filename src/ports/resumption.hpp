#pragma once

// How a coroutine waits for what another thread does: it hands over its resumption, and whoever has
// it brings the coroutine home.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "ports/task.hpp"

namespace wrapup {

// One coroutine that waits. Its executor, its home, is kept busy until then. Destroyed unused, it
// destroys the coroutine.
class Resumption {
    struct Waiting {
        virtual ~Waiting() = default;
        virtual boost::asio::any_io_executor home() const = 0;
        virtual void resume() = 0;
    };

    template <class Handler>
    struct WaitingFor final : Waiting {
        using Home = boost::asio::associated_executor_t<Handler>;

        explicit WaitingFor(Handler waiting)
            : guard(boost::asio::get_associated_executor(waiting)), handler(std::move(waiting)) {}
        boost::asio::any_io_executor home() const override { return guard.get_executor(); }
        void resume() override { std::move(handler)(); }

        boost::asio::executor_work_guard<Home> guard;
        Handler handler;
    };

public:
    Resumption() = default;  // Of nobody.
    template <class Handler>
    explicit Resumption(Handler handler)
        : waiting_(std::make_unique<WaitingFor<Handler>>(std::move(handler))) {}

    boost::asio::any_io_executor home() const { return waiting_->home(); }

    // Once, one of them. From any thread: the coroutine goes on at home.
    void post() {
        const auto executor = home();
        // Its loop must not end, and be destroyed, before this has returned.
        const auto guard = boost::asio::make_work_guard(executor);
        boost::asio::post(executor, [waiting = std::move(waiting_)] { waiting->resume(); });
    }
    // At home: it goes on within this call.
    void resume() { std::exchange(waiting_, nullptr)->resume(); }

private:
    std::unique_ptr<Waiting> waiting_;
};

// Suspends the caller and calls start(Resumption), which must not throw. `start` outlives the wait.
template <class Start>
Task<void> until_resumed(Start& start) {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        [&start](auto handler) { start(Resumption(std::move(handler))); },
        boost::asio::use_awaitable);
}

}  // namespace wrapup
