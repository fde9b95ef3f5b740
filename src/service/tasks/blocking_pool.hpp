#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "ports/resumption.hpp"

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
        std::optional<std::invoke_result_t<Work>> result;
        std::exception_ptr thrown;
        const auto start = [this, &work, &result, &thrown](Resumption caller) {
            auto job = [&work, &result, &thrown, caller = std::move(caller)]() mutable {
                try {
                    result.emplace(work());
                } catch (...) {
                    thrown = std::current_exception();
                }
                caller.post();
            };
            boost::asio::post(executor_, std::move(job));
        };
        co_await until_resumed(start);
        if (thrown) std::rethrow_exception(thrown);
        co_return *std::move(result);
    }

private:
    boost::asio::any_io_executor executor_;
};

}  // namespace wrapup
