#pragma once

#include <string>
#include <vector>

#include "app/serve/service_manager.hpp"
#include "ports/clock.hpp"
#include "ports/task.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// Tells the service manager that wrapup is ready, and then that it lives: each time after every
// thread that a record needs has taken its turn. When one of them hangs, nothing is told, and the
// manager starts wrapup again; the store is durable.
class Heartbeat {
public:
    // `threads` besides the one of run().
    Heartbeat(ServiceManager manager, Clock& clock,
              const std::vector<boost::asio::any_io_executor>& threads);

    // Until its loop is dropped. `status` goes with the word that it is ready.
    Task<void> run(std::string status);
    void tell(std::string_view state) const { manager_.tell(state); }

private:
    Task<void> go_round();

    const ServiceManager manager_;
    Clock& clock_;
    std::vector<BlockingPool> threads_;
};

}  // namespace wrapup
