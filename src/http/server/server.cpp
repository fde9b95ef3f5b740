#include "http/server/server.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "base/assert.hpp"
#include "http/server/connection.hpp"
#include "http/server/server_shared.hpp"

namespace wrapup {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr milliseconds accept_retry{20};    // When we ran out of file descriptors.
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

void log_failure(ServerShared& shared, std::string_view message) noexcept {
    try {
        LogLine line;
        line.level = LogLevel::error;
        line.message = message;
        shared.log.write(line);
    } catch (...) {  // Out of memory: nothing to say it with.
    }
}

void begin_connection(const std::shared_ptr<ServerShared>& shared, Listener& listener, Peer* peer,
                      tcp::socket socket) {
    auto connection = std::make_shared<Connection>(shared, listener, peer, std::move(socket));
    asio::co_spawn(shared->executor, serve(std::move(connection)),
                   [shared](const std::exception_ptr& error) {
                       if (error) log_failure(*shared, "a connection failed inside");
                   });
}

void admit(const std::shared_ptr<ServerShared>& shared, Listener& listener, tcp::socket socket,
           const tcp::endpoint& endpoint) {
    Peer* peer = shared->peer_of(endpoint.address());
    for (Places* places : {peer == nullptr ? nullptr : &peer->places, &listener.places}) {
        if (places == nullptr || !places->is_full() || shared->free_place(*places)) continue;
        shared->rejections.note({LogTag::none, {}, "connections", "all of them are being served"});
        turn_away(socket);
        return;
    }
    begin_connection(shared, listener, peer, std::move(socket));
}

// false: it will not go better at once.
Task<bool> accept_one(const std::shared_ptr<ServerShared>& shared, Listener& listener) {
    tcp::socket socket(shared->executor);
    tcp::endpoint peer;
    auto [error] = co_await listener.acceptor.async_accept(socket, peer, as_result);
    if (shared->is_stopping || error == asio::error::connection_aborted) co_return true;
    if (!error) {
        admit(shared, listener, std::move(socket), peer);
        co_return true;
    }
    // Most likely out of file descriptors: one that is waited for makes room.
    shared->rejections.note({LogTag::none, {}, "connections", "cannot accept: " + error.message()});
    for (const auto& each : shared->listeners) {
        if (shared->free_place(each->places)) break;
    }
    co_return false;
}

Task<void> accept(std::shared_ptr<ServerShared> shared, Listener* listener) {
    while (!shared->is_stopping) {
        bool goes_on = false;
        try {
            goes_on = co_await accept_one(shared, *listener);
        } catch (const std::exception&) {
            log_failure(*shared, "a connection could not begin");
        }
        if (goes_on || shared->is_stopping) continue;
        asio::steady_timer pause(shared->executor, accept_retry);
        co_await pause.async_wait(as_result);
    }
}

milliseconds sweep_interval(const ServerLimits& limits) {
    const milliseconds shortest =
        std::min({limits.idle_max, limits.header_max, limits.body_max, limits.stall_max,
                  limits.write_max, limits.push_look, limits.linger_max});
    return std::clamp(shortest / 4, milliseconds{5}, milliseconds{250});
}

// One timer for the deadlines of all connections: they are coarse, and requests are many.
Task<void> sweep(std::shared_ptr<ServerShared> shared) {
    const milliseconds interval = sweep_interval(shared->limits);
    while (!shared->is_stopped) {
        shared->sweep_timer.expires_after(interval);
        co_await shared->sweep_timer.async_wait(as_result);
        const SteadyTime now = std::chrono::steady_clock::now();
        for (Connection* connection : shared->connections) {
            connection->expire_if_past(now);
            connection->rest_if_idle(now);
        }
        shared->forget_peers();
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

std::string why_not_bound(const error_code& error) {
    if (error != asio::error::address_in_use) return error.message();
    return error.message() + ": stop what listens there (ss -ltnp names it), or take another port";
}

}  // namespace

Server::Server(asio::any_io_executor executor, const ServerLimits& limits, const Clock& clock,
               EventLog& log, Metrics& metrics)
    : shared_(std::make_shared<ServerShared>(std::move(executor), limits, clock, log, metrics)) {}

Server::~Server() = default;

Result<std::uint16_t> Server::listen(const ListenPoint& point, RouteSet routes,
                                     std::size_t connections_max) {
    WRAPUP_ASSERT(!shared_->is_started);
    error_code error;
    const std::string host = point.host == "localhost" ? "127.0.0.1" : point.host;
    const auto address = asio::ip::make_address(host, error);
    if (error) return cannot_listen(point, "not an IP address");
    const tcp::endpoint endpoint(address, point.port);
    auto listener =
        std::make_unique<Listener>(shared_->executor, std::move(routes), connections_max);
    tcp::acceptor& acceptor = listener->acceptor;
    acceptor.open(endpoint.protocol(), error);
    if (error) return cannot_listen(point, error.message());
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (address.is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
    acceptor.bind(endpoint, error);
    if (error) return cannot_listen(point, why_not_bound(error));
    acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (error) return cannot_listen(point, why_not_bound(error));
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

Result<std::uint16_t> Server::listen(const ListenPoint& point, RouteSet routes) {
    return listen(point, std::move(routes), shared_->limits.connections_max);
}

std::size_t Server::connections_count() const { return shared_->connections.size(); }

std::size_t Server::bodies_bytes() const { return shared_->bodies.bytes(); }

}  // namespace wrapup
