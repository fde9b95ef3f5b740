#include "service/root_task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace wrapup {

void spawn_root(const boost::asio::any_io_executor& executor, Task<void> task) {
    boost::asio::co_spawn(executor, std::move(task), [](std::exception_ptr fault) {
        if (!fault) return;
        try {
            std::rethrow_exception(fault);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "wrapup stops: %s\n", error.what());
        }
        std::abort();
    });
}

}  // namespace wrapup
