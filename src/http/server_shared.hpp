#pragma once

// What the connections of one server share. One thread.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/limits.hpp"
#include "http/routes.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"

namespace wrapup {

class Connection;

using SteadyTime = std::chrono::steady_clock::time_point;

struct Listener {
    boost::asio::ip::tcp::acceptor acceptor;
    RouteSet routes;
};

struct ServerShared {
    ServerShared(boost::asio::any_io_executor io, const ServerLimits& server_limits,
                 const Clock& wall_clock, EventLog& event_log, Metrics& counters)
        : executor(std::move(io)),
          limits(server_limits),
          clock(wall_clock),
          log(event_log),
          metrics(counters),
          sweep_timer(executor),
          empty_timer(executor) {}

    bool take_body_bytes(std::size_t count);
    void give_body_bytes(std::size_t count) { bodies_bytes -= count; }
    void enter(Connection& connection);
    void leave(Connection& connection);
    const std::string& date_line();

    boost::asio::any_io_executor executor;
    const ServerLimits limits;
    const Clock& clock;
    EventLog& log;
    Metrics& metrics;

    std::vector<std::unique_ptr<Listener>> listeners;
    std::vector<Connection*> connections;
    std::size_t bodies_bytes = 0;
    bool is_started = false;
    bool is_stopping = false;
    bool is_stopped = false;
    boost::asio::steady_timer sweep_timer;
    boost::asio::steady_timer empty_timer;  // Cancelled when the last connection leaves.

private:
    std::int64_t date_s_ = -1;
    std::string date_line_;
};

}  // namespace wrapup
