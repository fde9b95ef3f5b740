#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "ports/task.hpp"

namespace wrapup {

// Runs what blocks (a store's reads) away from the event loop and brings the result back to the
// awaiting coroutine. The simulator gives it the event loop itself as executor: the same code then
// runs in line and in order.
class BlockingPool {
public:
    explicit BlockingPool(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    // What `work` throws is thrown to the caller. It may capture by reference only (docs/style.md,
    // "co_await takes names"): the caller is suspended until it has run.
    template <class Work>
    Task<std::invoke_result_t<Work>> run(Work work) {
        namespace asio = boost::asio;
        std::optional<std::invoke_result_t<Work>> result;
        std::exception_ptr thrown;
        auto start = [this, &work, &result, &thrown](auto handler) {
            auto home = asio::get_associated_executor(handler);
            auto guard = asio::make_work_guard(home);
            asio::post(executor_, [&work, &result, &thrown, handler = std::move(handler),
                                   guard = std::move(guard)]() mutable {
                try {
                    result.emplace(work());
                } catch (...) {
                    thrown = std::current_exception();
                }
                asio::post(guard.get_executor(), std::move(handler));
            });
        };
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start,
                                                                             asio::use_awaitable);
        if (thrown) std::rethrow_exception(thrown);
        co_return *std::move(result);
    }

private:
    boost::asio::any_io_executor executor_;
};

}  // namespace wrapup
