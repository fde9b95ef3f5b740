// One peer's trouble, or a name server's, leaves the requests to all others room.

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include "adapters/curl/curl_transport.hpp"
#include "test/adapters/http_test_server.hpp"
#include "test/adapters/run_task.hpp"

namespace {

// A name server that says nothing as long as a test wants it.
class SilentNameServer {
public:
    static constexpr const char* name = "nobody-answers.invalid";

    int look_up() {
        std::unique_lock lock{mutex_};
        asked_count_ += 1;
        held_count_ += 1;
        changed_.wait_for(lock, std::chrono::seconds{20}, [this] { return !is_silent_; });
        held_count_ -= 1;
        changed_.notify_all();
        return EAI_AGAIN;
    }
    void fall_silent() {
        const std::lock_guard lock{mutex_};
        is_silent_ = true;
        asked_count_ = 0;
    }
    void let_go() {
        std::unique_lock lock{mutex_};
        is_silent_ = false;
        changed_.notify_all();
        changed_.wait(lock, [this] { return held_count_ == 0; });
    }
    int held_count() {
        const std::lock_guard lock{mutex_};
        return held_count_;
    }
    int asked_count() {
        const std::lock_guard lock{mutex_};
        return asked_count_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int asked_count_ = 0;
    int held_count_ = 0;
    bool is_silent_ = false;
};
SilentNameServer name_server;

}  // namespace

// libcurl's threads ask here.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
    if (node != nullptr && std::string_view(node) == SilentNameServer::name) {
        return name_server.look_up();
    }
    static const auto real =
        reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(node, service, hints, result);
}

namespace wrapup {
namespace {

namespace asio = boost::asio;
using Kind = HttpAnswer::Kind;
using Seen = HttpTestServer::Seen;

HttpRequest get(std::string url, milliseconds total_timeout = seconds{20}) {
    HttpRequest request;
    request.url = std::move(url);
    request.total_timeout = total_timeout;
    return request;
}

HttpRequest get_unknown(milliseconds total_timeout) {
    return get(std::string("http://") + SilentNameServer::name + "/", total_timeout);
}

struct CurlRooms : testing::Test {
    HttpAnswer send(HttpRequest request) { return run_task(transport.send(std::move(request))); }

    CurlTransport transport{CurlOptions{}};
};

TEST_F(CurlRooms, a_silent_name_server_holds_up_nobody_else) {
    name_server.fall_silent();
    HttpTestServer server([](const Seen&) { return HttpTestServer::answer(200, ""); });
    EXPECT_EQ(send(get_unknown(milliseconds{100})).kind, Kind::not_sent);
    EXPECT_EQ(name_server.held_count(), 1);
    EXPECT_EQ(send(get(server.url("/"))).kind, Kind::answered);
    EXPECT_EQ(name_server.held_count(), 1);
    transport.stop();
    EXPECT_EQ(name_server.held_count(), 1);
    name_server.let_go();
}

// Each lookup is a thread that lasts as long as it likes.
TEST_F(CurlRooms, a_name_that_was_not_told_is_asked_for_once_in_a_while) {
    name_server.fall_silent();
    EXPECT_EQ(send(get_unknown(milliseconds{100})).kind, Kind::not_sent);
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(send(get_unknown(milliseconds{5'000})).kind, Kind::not_sent);
    }
    EXPECT_LE(name_server.asked_count(), 3);
    name_server.let_go();
    // The next one that may ask is told, and with it everybody.
    while (name_server.asked_count() < 4) {
        EXPECT_EQ(send(get_unknown(milliseconds{5'000})).kind, Kind::not_sent);
    }
    const int before = name_server.asked_count();
    EXPECT_EQ(send(get_unknown(milliseconds{5'000})).kind, Kind::not_sent);
    EXPECT_EQ(name_server.asked_count(), before + 1);
}

TEST_F(CurlRooms, a_lane_leaves_the_others_room) {
    std::atomic<int> held_count = 0;
    std::atomic<bool> is_over = false;
    HttpTestServer server([&](const Seen& seen) {
        if (seen.target.starts_with("/slow")) {
            held_count += 1;
            while (!is_over) std::this_thread::sleep_for(milliseconds{1});
        }
        return HttpTestServer::answer(200, seen.target);
    });
    asio::io_context io;
    std::vector<std::string> answered;
    const auto ask = [&](std::string path, std::string lane) -> Task<void> {
        HttpRequest request = get(server.url(path));
        request.lane = std::move(lane);
        request.lane_places = 2;
        const HttpAnswer answer = co_await transport.send(std::move(request));
        answered.push_back(answer.body);
        if (answer.body == "/other") {
            EXPECT_EQ(held_count, 2);
            is_over = true;
        }
    };
    for (int i = 0; i < 4; ++i) {
        asio::co_spawn(io, ask("/slow" + std::to_string(i), "slow"), rethrow);
    }
    while (held_count < 2) io.poll();
    asio::co_spawn(io, ask("/other", ""), rethrow);
    io.run();
    ASSERT_EQ(answered.size(), 5U);
    EXPECT_EQ(answered.front(), "/other");
    EXPECT_EQ(held_count, 4);
}

TEST_F(CurlRooms, who_waits_in_a_lane_too_long_is_not_sent) {
    std::atomic<bool> is_over = false;
    HttpTestServer server([&](const Seen&) {
        while (!is_over) std::this_thread::sleep_for(milliseconds{1});
        return HttpTestServer::answer(200, "");
    });
    asio::io_context io;
    const auto ask = [&](milliseconds patience, Kind wanted) -> Task<void> {
        HttpRequest request = get(server.url("/"), patience);
        request.lane = "one";
        request.lane_places = 1;
        const HttpAnswer answer = co_await transport.send(std::move(request));
        EXPECT_EQ(answer.kind, wanted);
        if (wanted == Kind::not_sent) is_over = true;
    };
    asio::co_spawn(io, ask(seconds{20}, Kind::answered), rethrow);
    asio::co_spawn(io, ask(milliseconds{150}, Kind::not_sent), rethrow);
    io.run();
    EXPECT_EQ(server.requests().size(), 1U);
}

}  // namespace
}  // namespace wrapup
