#pragma once

#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>
#include <optional>

#include "http/http_front.hpp"
#include "sim/memory_store.hpp"
#include "test/http/client.hpp"
#include "test/http/fakes.hpp"

namespace wrapup {

// The real front on real sockets, with fakes behind it.
class FrontTest : public testing::Test {
protected:
    FrontTest() {
        options.listen.port = 0;
        options.version = "1.2.3";
        options.webhooks.server_url = "https://calls.example.com";
        options.webhooks.twilio_auth_tokens = {"old-token", "token"};
        options.webhooks.elevenlabs_secrets = {"wsec_other", "wsec_secret"};
        options.api.token = "api-token";
        options.api.destinations = {"crm"};
        options.metrics_text = [] { return std::string("wrapup_up 1\n"); };
    }
    void TearDown() override {
        if (front && !was_stopped) stop();
    }

    void serve() {
        front.emplace(loop.io.get_executor(), options,
                      HttpFrontPorts{events, actions, store, pool, pool, clock, log, metrics,
                                     nullptr, nullptr, &store});
        const auto bound = front->listen();
        ASSERT_TRUE(bound) << bound.error().detail;
        front->start();
        front->set_serving();
        loop.start();
    }
    void stop() {
        was_stopped = true;
        loop.run(front->stop(milliseconds{1'000}));
    }

    Reply ask(std::string_view bytes) { return Client(front->port()).ask(bytes); }
    static std::string with_token(std::string_view token = "api-token") {
        return "Authorization: Bearer " + std::string(token) + "\r\n";
    }
    Reply api_get(std::string_view target) { return ask(get(target, with_token())); }
    Reply api_send(std::string_view method, std::string_view target, std::string_view body) {
        return ask(
            request(method, target, body, with_token() + "Content-Type: application/json\r\n"));
    }

    LoopThread loop;
    boost::asio::thread_pool threads{1};
    BlockingPool pool{threads.get_executor()};
    HttpFrontOptions options;
    MemoryStore store;
    KeptEvents events;
    KeptActions actions;
    HandClock clock;
    KeptLog log;
    KeptMetrics metrics;
    std::optional<HttpFront> front;
    bool was_stopped = false;
};

}  // namespace wrapup
