#pragma once

#include <gtest/gtest.h>

#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "http/server/server.hpp"
#include "test/http/client.hpp"
#include "test/http/fakes.hpp"

namespace wrapup {

// A server on real sockets whose limits a test chooses.
class ServerTest : public testing::Test {
protected:
    void TearDown() override {
        if (server && !was_stopped) stop(milliseconds{1'000});
    }

    void serve() {
        server.emplace(loop.io.get_executor(), limits, clock, log, metrics);
        RouteSet routes;
        routes.add_instant(Method::get, "/now",
                           [](const Request&) { return text_response(200, "now"); });
        routes.add(Method::post, "/echo", 1024, [](const Request& r) { return echo(r); });
        routes.add(Method::post, "/gate", 1024, [this](const Request& r) { return wait(r); });
        routes.add(Method::get, "/items/{}/name", 0, [](const Request& r) { return name(r); });
        routes.add(Method::get, "/fail", 0, [](const Request&) { return fail(); });
        routes.add(Method::get, "/exhausted", 0, [](const Request&) { return exhaust(); });
        routes.add_instant(Method::get, "/odd", [](const Request&) -> Response { throw 1; });
        routes.add(Method::get, "/large", 0, [](const Request&) { return large(); });
        routes.add_stream(Method::post, "/sum", 1 << 20,
                          [](const Request&, BodyStream& b) { return sum(b); });
        routes.add_stream(Method::post, "/keep", 1 << 20,
                          [](const Request&, BodyStream& b) { return keep(b); });
        const auto bound = server->listen({"127.0.0.1", 0}, std::move(routes));
        ASSERT_TRUE(bound) << bound.error().detail;
        port = *bound;
        RouteSet inner;
        inner.add_instant(Method::get, "/inner",
                          [](const Request&) { return text_response(200, "inner"); });
        const auto inner_bound = server->listen({"127.0.0.1", 0}, std::move(inner), 2);
        ASSERT_TRUE(inner_bound) << inner_bound.error().detail;
        inner_port = *inner_bound;
        server->start();
        loop.start();
    }
    void stop(milliseconds patience) {
        was_stopped = true;
        loop.run(server->stop(patience));
    }

    static Task<Response> echo(const Request& request) {
        co_return text_response(200, request.body());
    }
    static Task<Response> name(const Request& request) {
        co_return text_response(200, request.parameter());
    }
    static Task<Response> fail() {
        throw std::runtime_error("John Smith");
        co_return Response();
    }
    static Task<Response> exhaust() {
        throw std::bad_alloc();
        co_return Response();
    }
    static Task<Response> keep(BodyStream& body) {
        std::string kept;
        for (;;) {
            const auto piece = co_await body.next();
            if (!piece) co_return Response();
            if (piece->empty()) break;
            if (!body.keep(piece->size())) co_return unavailable("no room");
            kept += *piece;
        }
        co_return text_response(200, std::to_string(kept.size()));
    }
    static Task<Response> large() { co_return text_response(200, std::string(8 << 20, 'x')); }
    static Task<Response> sum(BodyStream& body) {
        std::size_t total = 0;
        for (;;) {
            const auto piece = co_await body.next();
            if (!piece) co_return Response();
            if (piece->empty()) break;
            total += piece->size();
        }
        co_return text_response(200, std::to_string(total));
    }
    Task<Response> wait(const Request& request) {
        co_await gate.pass();
        co_return text_response(200, request.body());
    }
    std::size_t connections_count() {
        return loop.ask([this] { return server->connections_count(); });
    }
    std::size_t bodies_bytes() {
        return loop.ask([this] { return server->bodies_bytes(); });
    }
    bool has_line(std::string_view text) {
        for (const auto& [tag, line] : log.lines()) {
            if (line.find(text) != std::string::npos) return true;
        }
        return false;
    }
    template <class Done>
    static bool becomes(Done done) {
        for (int i = 0; i < 2'000; ++i) {
            if (done()) return true;
            std::this_thread::sleep_for(milliseconds{5});
        }
        return false;
    }
    void await_waiting(int count) {
        for (int i = 0; i < 2'000 && gate.waiting_count != count; ++i) {
            std::this_thread::sleep_for(milliseconds{2});
        }
        ASSERT_EQ(gate.waiting_count, count);
    }

    LoopThread loop;
    HandClock clock;
    KeptLog log;
    KeptMetrics metrics;
    Gate gate;
    ServerLimits limits;
    std::optional<Server> server;
    std::uint16_t port = 0;
    std::uint16_t inner_port = 0;  // A listener with two places.
    bool was_stopped = false;
};

}  // namespace wrapup
