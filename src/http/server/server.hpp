#pragma once

// An HTTP/1.1 server on one thread: keep-alive, pipelining, bounded in everything (limits.hpp).
// Never redirects. Everything but the constructor and listen() runs on the executor's thread.

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "http/server/limits.hpp"
#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"
#include "ports/task.hpp"

namespace wrapup {

struct ServerShared;

struct ListenPoint {
    std::string host;        // An IPv4 or IPv6 address, or localhost. "::" takes IPv4 as well.
    std::uint16_t port = 0;  // 0: any that is free.
};

class Server {
public:
    Server(boost::asio::any_io_executor executor, const ServerLimits& limits, const Clock& clock,
           EventLog& log, Metrics& metrics);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Binds, and answers by `routes`, which is kept. Returns the port. unavailable: names what is
    // wrong with the address. Connections wait until start().
    // With a number of its own, a listener has its places whatever others are full of.
    Result<std::uint16_t> listen(const ListenPoint& point, RouteSet routes);
    Result<std::uint16_t> listen(const ListenPoint& point, RouteSet routes,
                                 std::size_t connections_max);
    void start();

    // Takes no more connections, closes idle ones, lets requests in progress end, and after
    // `patience` cuts off the rest.
    Task<void> stop(milliseconds patience);

    std::size_t connections_count() const;
    std::size_t bodies_bytes() const;  // Held in memory now.

private:
    std::shared_ptr<ServerShared> shared_;
};

}  // namespace wrapup
