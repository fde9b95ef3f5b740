#include "http/server.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "base/assert.hpp"
#include "http/connection.hpp"
#include "http/server_shared.hpp"

namespace wrapup {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr milliseconds accept_retry{100};   // When we ran out of file descriptors.
constexpr milliseconds cut_off_max{1'000};  // For connections to notice that they were cut off.

// Written whole and in advance: refusing has to be cheap.
constexpr std::string_view full_answer =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
    "Retry-After: 1\r\nConnection: close\r\n\r\n"
    R"({"type":"about:blank","title":"Service Unavailable","status":503,)"
    R"("detail":"too many connections are open"})";

void rethrow(const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);  // Ends the process: a server that cannot accept.
}

void turn_away(tcp::socket& socket) {
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(full_answer), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

Task<void> serve(std::shared_ptr<Connection> connection) { co_await connection->run(); }

void begin_connection(const std::shared_ptr<ServerShared>& shared, const Listener& listener,
                      tcp::socket socket) {
    auto connection = std::make_shared<Connection>(shared, listener.routes, std::move(socket));
    asio::co_spawn(shared->executor, serve(std::move(connection)),
                   [shared](const std::exception_ptr& error) {
                       if (!error) return;
                       LogLine line;
                       line.level = LogLevel::error;
                       line.message = "a connection failed inside";
                       shared->log.write(line);
                   });
}

Task<void> accept(std::shared_ptr<ServerShared> shared, Listener* listener) {
    bool was_logged = false;
    while (!shared->is_stopping) {
        tcp::socket socket(shared->executor);
        auto [error] = co_await listener->acceptor.async_accept(socket, as_result);
        if (shared->is_stopping) co_return;
        if (error && error != asio::error::connection_aborted) {
            LogLine line;
            line.level = LogLevel::error;
            line.message = "cannot accept connections";
            line.fields.emplace_back("reason", error.message());
            if (!was_logged) shared->log.write(line);
            was_logged = true;
            asio::steady_timer pause(shared->executor, accept_retry);
            co_await pause.async_wait(as_result);
        } else if (!error) {
            was_logged = false;
            if (shared->connections.size() >= shared->limits.connections_max) {
                shared->metrics.count(Counter::rejected, "connections");
                turn_away(socket);
            } else {
                begin_connection(shared, *listener, std::move(socket));
            }
        }
    }
}

milliseconds sweep_interval(const ServerLimits& limits) {
    const milliseconds shortest = std::min(
        {limits.idle_max, limits.header_max, limits.body_max, limits.write_max, limits.linger_max});
    return std::clamp(shortest / 4, milliseconds{5}, milliseconds{250});
}

// One timer for the deadlines of all connections: they are coarse, and requests are many.
Task<void> sweep(std::shared_ptr<ServerShared> shared) {
    const milliseconds interval = sweep_interval(shared->limits);
    while (!shared->is_stopped) {
        shared->sweep_timer.expires_after(interval);
        co_await shared->sweep_timer.async_wait(as_result);
        const SteadyTime now = std::chrono::steady_clock::now();
        for (Connection* connection : shared->connections) connection->expire_if_past(now);
    }
}

Task<void> wait_until_empty(ServerShared& shared, milliseconds patience) {
    if (shared.connections.empty()) co_return;
    shared.empty_timer.expires_after(patience);
    co_await shared.empty_timer.async_wait(as_result);
}

Error cannot_listen(const ListenPoint& point, const std::string& reason) {
    return Error{Errc::unavailable, "cannot listen on " + point.host + ":" +
                                        std::to_string(point.port) + ": " + reason};
}

}  // namespace

bool ServerShared::take_body_bytes(std::size_t count) {
    if (count > limits.bodies_bytes_max - bodies_bytes) return false;
    bodies_bytes += count;
    return true;
}

void ServerShared::enter(Connection& connection) {
    connection.index = connections.size();
    connections.push_back(&connection);
}

void ServerShared::leave(Connection& connection) {
    connections.back()->index = connection.index;
    connections[connection.index] = connections.back();
    connections.pop_back();
    if (connections.empty() && is_stopping) empty_timer.cancel();
}

const std::string& ServerShared::date_line() {
    const std::int64_t now_s = to_unix_s(clock.now());
    if (now_s != date_s_) {
        date_s_ = now_s;
        date_line_ = "\r\nDate: " + http_date(now_s) + "\r\n";
    }
    return date_line_;
}

Server::Server(asio::any_io_executor executor, const ServerLimits& limits, const Clock& clock,
               EventLog& log, Metrics& metrics)
    : shared_(std::make_shared<ServerShared>(std::move(executor), limits, clock, log, metrics)) {}

Server::~Server() = default;

Result<std::uint16_t> Server::listen(const ListenPoint& point, RouteSet routes) {
    WRAPUP_ASSERT(!shared_->is_started);
    error_code error;
    const std::string host = point.host == "localhost" ? "127.0.0.1" : point.host;
    const auto address = asio::ip::make_address(host, error);
    if (error) return cannot_listen(point, "not an IP address");
    const tcp::endpoint endpoint(address, point.port);
    auto listener =
        std::make_unique<Listener>(Listener{tcp::acceptor(shared_->executor), std::move(routes)});
    tcp::acceptor& acceptor = listener->acceptor;
    acceptor.open(endpoint.protocol(), error);
    if (error) return cannot_listen(point, error.message());
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (address.is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
    acceptor.bind(endpoint, error);
    if (error) return cannot_listen(point, error.message());
    acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (error) return cannot_listen(point, error.message());
    const std::uint16_t port = acceptor.local_endpoint().port();
    shared_->listeners.push_back(std::move(listener));
    return port;
}

void Server::start() {
    WRAPUP_ASSERT(!shared_->is_started);
    shared_->is_started = true;
    for (const auto& listener : shared_->listeners) {
        asio::co_spawn(shared_->executor, accept(shared_, listener.get()), rethrow);
    }
    asio::co_spawn(shared_->executor, sweep(shared_), rethrow);
}

Task<void> Server::stop(milliseconds patience) {
    const std::shared_ptr<ServerShared> shared = shared_;
    shared->is_stopping = true;
    error_code ignored;
    for (const auto& listener : shared->listeners) listener->acceptor.close(ignored);
    for (Connection* connection : shared->connections) connection->begin_stop();
    co_await wait_until_empty(*shared, patience);
    for (Connection* connection : shared->connections) connection->cut_off();
    co_await wait_until_empty(*shared, cut_off_max);
    shared->is_stopped = true;
    shared->sweep_timer.cancel();
}

std::size_t Server::connections_count() const { return shared_->connections.size(); }

std::size_t Server::bodies_bytes() const { return shared_->bodies_bytes; }

}  // namespace wrapup
