#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "ports/task.hpp"

namespace wrapup {

inline void rethrow(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
}

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
}

// Runs one task to its end on a loop of its own.
template <class T>
T run_task(Task<T> task) {
    boost::asio::io_context io;
    std::optional<T> result;
    boost::asio::co_spawn(io, keep_result(std::move(task), result), rethrow);
    io.run_for(std::chrono::seconds(60));
    EXPECT_TRUE(result.has_value()) << "the task did not end";
    return std::move(result).value();
}

}  // namespace wrapup
