#pragma once

#include <string>
#include <string_view>

#include "base/time.hpp"

namespace wrapup {

// Who started this process and wants to hear how it is: systemd, by sd_notify(3). From any thread.
class ServiceManager {
public:
    ServiceManager() = default;  // There is none.
    // `socket` is a path, or a name of the abstract namespace behind an @. `patience` is how long
    // it lets us be silent; 0: for ever.
    ServiceManager(std::string socket, milliseconds patience)
        : socket_(std::move(socket)), patience_(patience) {}
    // By NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    static ServiceManager of_environment();

    bool exists() const { return !socket_.empty(); }
    milliseconds patience() const { return patience_; }
    // `state` is lines such as READY=1. What does not arrive is lost: it is the manager's to judge.
    void tell(std::string_view state) const;

private:
    std::string socket_;
    milliseconds patience_{0};
};

}  // namespace wrapup
