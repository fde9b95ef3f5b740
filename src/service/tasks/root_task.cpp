#include "service/tasks/root_task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace wrapup {

void spawn_root(const boost::asio::any_io_executor& executor, Task<void> task) {
    RootTasks::Membership membership(RootTasks::of(executor));
    boost::asio::co_spawn(executor, std::move(task),
                          [membership = std::move(membership)](std::exception_ptr fault) {
                              if (!fault) return;
                              try {
                                  std::rethrow_exception(fault);
                              } catch (const std::exception& error) {
                                  std::fprintf(stderr, "wrapup stops: %s\n", error.what());
                              }
                              std::abort();
                          });
}

RootTasks& RootTasks::of(const boost::asio::any_io_executor& executor) {
    return boost::asio::use_service<RootTasks>(executor.context());
}

void RootTasks::leave() {
    count_ -= 1;
    if (waiting_ != nullptr) waiting_->ring();
}

Task<void> RootTasks::wait_until_left(std::size_t count, Clock& clock, UtcTime until) {
    Alarm alarm;
    // Not left behind when this frame is destroyed instead of resumed.
    struct Watch {
        Alarm*& place;
        ~Watch() { place = nullptr; }
    } watch{waiting_};
    waiting_ = &alarm;
    while (count_ > count && clock.now() < until) {
        co_await clock.sleep_until(until, &alarm);
    }
}

}  // namespace wrapup
