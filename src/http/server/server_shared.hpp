#pragma once

// What the connections of one server share. One thread.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/server/limits.hpp"
#include "http/server/memory_budget.hpp"
#include "http/server/places.hpp"
#include "http/server/rejection_log.hpp"
#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"

namespace wrapup {

class Connection;

using SteadyTime = std::chrono::steady_clock::time_point;

struct Listener {
    Listener(const boost::asio::any_io_executor& executor, RouteSet answers,
             std::size_t connections_max)
        : acceptor(executor), routes(std::move(answers)), places(connections_max) {}

    boost::asio::ip::tcp::acceptor acceptor;
    RouteSet routes;
    Places places;
};

// What one peer with a public address may use up.
struct Peer {
    explicit Peer(const ServerLimits& limits)
        : places(limits.peer_connections_max),
          bodies(limits.peer_bodies_bytes_max),
          bodies_share(bodies.add_share(0, limits.peer_bodies_bytes_max)) {}

    Places places;
    MemoryBudget bodies;
    MemoryShare& bodies_share;
};

struct ServerShared {
    ServerShared(boost::asio::any_io_executor io, const ServerLimits& server_limits,
                 const Clock& wall_clock, EventLog& event_log, Metrics& counters)
        : executor(std::move(io)),
          limits(server_limits),
          clock(wall_clock),
          log(event_log),
          metrics(counters),
          rejections(wall_clock, event_log, counters),
          bodies(server_limits.bodies_bytes_max),
          buffers(server_limits.buffers_bytes_max),
          buffers_share(buffers.add_share(0, server_limits.buffers_bytes_max)),
          sweep_timer(executor),
          empty_timer(executor) {}

    // Lets a body of that route hold `bytes` in all. false: there is no room.
    bool hold_body(MemoryHolding& body, const Route& route, std::size_t bytes);
    // Lets the connection that is waited for longest give way. false: none is waited for.
    bool free_place(Places& places);
    // Null: what that address uses up is not bounded by itself.
    Peer* peer_of(const boost::asio::ip::address& address);
    void forget_peers();  // Of whom none is connected.
    void enter(Connection& connection);
    void leave(Connection& connection);
    const std::string& date_line();

    boost::asio::any_io_executor executor;
    const ServerLimits limits;
    const Clock& clock;
    EventLog& log;
    Metrics& metrics;

    RejectionLog rejections;
    MemoryBudget bodies;
    MemoryBudget buffers;
    MemoryShare& buffers_share;
    std::vector<std::unique_ptr<Listener>> listeners;
    std::vector<Connection*> connections;
    bool is_started = false;
    bool is_stopping = false;
    bool is_stopped = false;
    boost::asio::steady_timer sweep_timer;
    boost::asio::steady_timer empty_timer;  // Cancelled when the last connection leaves.

private:
    struct EndpointShares {
        MemoryShare* small = nullptr;
        MemoryShare* large = nullptr;
    };
    EndpointShares& shares_of(const Route& route);

    std::map<std::string_view, EndpointShares> shares_;  // By the routes' patterns.
    std::map<boost::asio::ip::address, Peer> peers_;
    std::int64_t date_s_ = -1;
    std::string date_line_;
};

}  // namespace wrapup
