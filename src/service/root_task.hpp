#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "ports/task.hpp"

namespace wrapup {

// Starts a coroutine of its own. An exception out of it is a bug or exhausted memory: it ends the
// process with a line on standard error, because the store is durable and a supervisor restarts us.
void spawn_root(const boost::asio::any_io_executor& executor, Task<void> task);

}  // namespace wrapup
