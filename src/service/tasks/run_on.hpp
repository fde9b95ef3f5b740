#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "ports/task.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {

// Runs `task` on the executor that awaits this, as a member of its RootTasks.
template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& result) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const RootTasks::Membership membership(RootTasks::of(executor));
    result.emplace(co_await std::move(task));
}

// Awaits a task on another executor and comes back with its result: how the HTTP thread asks
// something of the workers' thread. The awaiting frame must live until the task has ended.
template <class T>
Task<T> run_on(boost::asio::any_io_executor executor, Task<T> task) {
    std::optional<T> result;
    Task<void> body = keep_result(std::move(task), result);
    co_await boost::asio::co_spawn(executor, std::move(body), boost::asio::use_awaitable);
    co_return *std::move(result);
}

}  // namespace wrapup
