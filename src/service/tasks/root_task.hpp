#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <cstddef>
#include <utility>

#include "ports/clock.hpp"
#include "ports/task.hpp"

namespace wrapup {

// Starts a coroutine of its own, a member of its loop's RootTasks. An exception out of it is a bug
// or exhausted memory: it ends the process with a line on standard error, because the store is
// durable and a supervisor restarts us.
void spawn_root(const boost::asio::any_io_executor& executor, Task<void> task);

// The tasks that were started on an event loop and have not ended, so that whoever stops the loop
// can wait for them: work that nobody waits for does not exist. Everything on the loop's thread.
class RootTasks final : public boost::asio::execution_context::service {
public:
    using key_type = RootTasks;

    explicit RootTasks(boost::asio::execution_context& context)
        : boost::asio::execution_context::service(context) {}
    static RootTasks& of(const boost::asio::any_io_executor& executor);

    // Returns when at most `count` are left (the caller is one itself), or at `until`. One waits at
    // a time.
    Task<void> wait_until_left(std::size_t count, Clock& clock, UtcTime until);

    // Being one of them.
    class Membership {
    public:
        explicit Membership(RootTasks& tasks) : tasks_(&tasks) { tasks_->count_ += 1; }
        Membership(Membership&& other) noexcept : tasks_(std::exchange(other.tasks_, nullptr)) {}
        Membership& operator=(Membership&&) = delete;
        ~Membership() {
            if (tasks_ != nullptr) tasks_->leave();
        }

    private:
        RootTasks* tasks_;
    };

private:
    void shutdown() override {}
    void leave();

    std::size_t count_ = 0;
    Alarm* waiting_ = nullptr;
};

}  // namespace wrapup
