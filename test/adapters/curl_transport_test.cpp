#include "adapters/curl/curl_transport.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <thread>

#include "adapters/curl/guarded_transport.hpp"
#include "test/adapters/http_test_server.hpp"
#include "test/adapters/run_task.hpp"

namespace wrapup {
namespace {

namespace asio = boost::asio;
using Kind = HttpAnswer::Kind;
using Reply = HttpTestServer::Reply;
using Seen = HttpTestServer::Seen;

HttpRequest get(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    return request;
}

HttpRequest post(std::string url, std::string body) {
    HttpRequest request = get(std::move(url));
    request.method = "POST";
    request.body = std::move(body);
    return request;
}

// A socket that is bound, so that nobody else gets its port.
struct BoundSocket {
    BoundSocket() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        WRAPUP_ASSERT(bind(socket, generic, size) == 0);
        WRAPUP_ASSERT(getsockname(socket, generic, &size) == 0);
        url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    }
    ~BoundSocket() { close(socket); }

    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    std::string url;
};

struct CurlTransportTest : testing::Test {
    HttpAnswer send(HttpRequest request) { return run_task(transport.send(std::move(request))); }

    CurlTransport transport{CurlOptions{}};
};

TEST_F(CurlTransportTest, sends_what_it_is_given_and_reads_the_answer) {
    HttpTestServer server([](const Seen&) {
        return HttpTestServer::answer(201, "made",
                                      "Retry-After: 12\r\nX-Other: 1\r\n"
                                      "date: Sun, 09 Nov 2025 18:45:06 GMT\r\n");
    });
    HttpRequest request = post(server.url("/a/../b?c=%20d"), std::string("one\0two", 7));
    request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}, {"X-Key", "k v"}};
    request.user = "name";
    request.password = "pass:word";

    const HttpAnswer answer = send(request);

    EXPECT_EQ(answer.kind, Kind::answered) << answer.error;
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, "made");
    EXPECT_EQ(answer.retry_after, "12");
    EXPECT_EQ(answer.date, "Sun, 09 Nov 2025 18:45:06 GMT");
    ASSERT_EQ(server.requests().size(), 1U);
    const Seen seen = server.requests().front();
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/a/../b?c=%20d");
    EXPECT_EQ(seen.body, request.body);
    EXPECT_EQ(seen.header("content-type"), "application/json");
    EXPECT_EQ(seen.header("x-empty"), "");
    EXPECT_EQ(seen.header("x-key"), "k v");
    EXPECT_EQ(seen.header("authorization"), "Basic bmFtZTpwYXNzOndvcmQ=");
    EXPECT_EQ(seen.header("expect"), "<absent>");
}

TEST_F(CurlTransportTest, nothing_of_one_request_shows_in_the_next) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::answer(200, "ok"); });
    HttpRequest first = post(server.url("/first"), std::string(100'000, 'x'));
    first.headers = {{"X-Key", "secret"}};
    first.user = "name";
    (void)send(first);
    HttpRequest second = get(server.url("/second"));
    second.method = "HEAD";
    (void)send(second);
    (void)send(get(server.url("/third")));
    HttpRequest last = post(server.url("/fourth"), "");
    last.method = "PUT";
    (void)send(last);

    const auto seen = server.requests();
    ASSERT_EQ(seen.size(), 4U);
    EXPECT_EQ(seen[0].body.size(), 100'000U);
    EXPECT_EQ(seen[0].header("expect"), "<absent>");
    EXPECT_EQ(seen[1].method, "HEAD");
    EXPECT_EQ(seen[2].method, "GET");
    EXPECT_EQ(seen[3].method, "PUT");
    for (std::size_t i = 1; i < seen.size(); ++i) {
        EXPECT_EQ(seen[i].header("x-key"), "<absent>");
        EXPECT_EQ(seen[i].header("authorization"), "<absent>");
        EXPECT_EQ(seen[i].body, "");
    }
}

TEST_F(CurlTransportTest, keeps_connections) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::answer(200, "ok"); });
    for (int i = 0; i < 20; ++i) EXPECT_EQ(send(post(server.url("/"), "x")).kind, Kind::answered);
    EXPECT_EQ(server.connections_count(), 1);
}

TEST_F(CurlTransportTest, a_chunked_answer_after_100_continue_is_put_together) {
    HttpTestServer server([](const Seen&) {
        return Reply{
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "3\r\nabc\r\n4\r\ndefg\r\n0\r\nRetry-After: 9\r\n\r\n"};
    });
    const HttpAnswer answer = send(get(server.url("/")));
    EXPECT_EQ(answer.kind, Kind::answered);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "abcdefg");
    EXPECT_EQ(answer.retry_after, "");
}

TEST_F(CurlTransportTest, a_redirect_is_an_answer) {
    HttpTestServer server(
        [](const Seen&) { return HttpTestServer::answer(302, "", "Location: /elsewhere\r\n"); });
    EXPECT_EQ(send(post(server.url("/"), "x")).status, 302);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(CurlTransportTest, an_answer_that_does_not_come_is_unknown) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::hang(); });
    HttpRequest request = post(server.url("/"), "x");
    request.total_timeout = milliseconds{100};

    const HttpAnswer answer = send(request);

    EXPECT_EQ(answer.kind, Kind::unknown);
    EXPECT_EQ(answer.error, "no answer in time");
    EXPECT_GE(answer.elapsed, milliseconds{90});
    EXPECT_LT(answer.elapsed, milliseconds{5'000});
}

TEST_F(CurlTransportTest, half_an_answer_is_unknown_unless_only_the_status_matters) {
    const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    HttpTestServer server([&](const Seen&) { return HttpTestServer::cut(half); });

    EXPECT_EQ(send(post(server.url("/"), "x")).kind, Kind::unknown);
    HttpRequest request = post(server.url("/"), "x");
    request.truncates_answer = true;
    const HttpAnswer answer = send(request);
    EXPECT_EQ(answer.kind, Kind::answered);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "half");
}

// Whichever of two counts: what is told came.
TEST_F(CurlTransportTest, an_answer_with_two_lengths_is_what_came_or_unknown) {
    for (const char* const lengths :
         {"5\r\nContent-Length: 5", "5\r\nContent-Length: 9", "9\r\nContent-Length: 5", "5, 9"}) {
        const std::string bytes =
            std::string("HTTP/1.1 200 OK\r\nContent-Length: ") + lengths + "\r\n\r\nwhole";
        HttpTestServer server([&](const Seen&) { return HttpTestServer::cut(bytes); });
        const HttpAnswer answer = send(post(server.url("/"), "x"));
        EXPECT_TRUE(answer.kind == Kind::unknown || answer.body == "whole") << lengths;
    }
}

TEST_F(CurlTransportTest, half_a_head_is_unknown) {
    HttpTestServer server(
        [](const Seen&) { return HttpTestServer::cut("HTTP/1.1 200 OK\r\nContent-Len"); });
    HttpRequest request = post(server.url("/"), "x");
    request.truncates_answer = true;
    EXPECT_EQ(send(request).kind, Kind::unknown);
}

TEST_F(CurlTransportTest, what_is_not_http_is_unknown) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::cut("hello\r\n\r\n"); });
    EXPECT_EQ(send(post(server.url("/"), "x")).kind, Kind::unknown);
}

TEST_F(CurlTransportTest, a_refused_connection_is_not_sent) {
    const BoundSocket nobody;
    const HttpAnswer answer = send(post(nobody.url, "x"));
    EXPECT_EQ(answer.kind, Kind::not_sent);
    EXPECT_EQ(answer.error, "could not connect: Connection refused");
}

TEST_F(CurlTransportTest, a_connect_that_times_out_is_not_sent) {
    const BoundSocket full;
    ASSERT_EQ(listen(full.socket, 0), 0);
    const HttpTestServer other([](const Seen&) { return HttpTestServer::answer(200, ""); });
    HttpRequest request = post(full.url, "x");
    request.connect_timeout = milliseconds{150};
    request.total_timeout = milliseconds{300};
    // The first ones fill the queue of connections that nobody accepts.
    HttpAnswer answer;
    for (int i = 0; i < 4; ++i) answer = send(request);
    EXPECT_EQ(answer.kind, Kind::not_sent);
    EXPECT_EQ(answer.error, "connecting timed out");
}

TEST_F(CurlTransportTest, an_unknown_name_is_not_sent) {
    const HttpAnswer answer = send(post("http://nobody.invalid/", "x"));
    EXPECT_EQ(answer.kind, Kind::not_sent);
    EXPECT_EQ(answer.error, "host name not found");
}

TEST_F(CurlTransportTest, a_cut_connection_is_unknown_and_asked_once) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::cut(); });
    EXPECT_EQ(send(post(server.url("/"), "x")).kind, Kind::unknown);
    EXPECT_EQ(server.requests().size(), 1U);
}

// libcurl repeats a request by itself when a kept connection dies without an answer.
TEST_F(CurlTransportTest, a_kept_connection_that_is_cut_is_unknown_and_asked_once) {
    HttpTestServer server([](const Seen& seen) {
        return seen.target == "/cut" ? HttpTestServer::cut() : HttpTestServer::answer(200, "ok");
    });
    for (const char* const body : {"x", "", "a longer body than the others"}) {
        const auto before = server.requests().size();
        ASSERT_EQ(send(post(server.url("/"), body)).kind, Kind::answered);
        const HttpAnswer answer = send(post(server.url("/cut"), body));
        EXPECT_EQ(answer.kind, Kind::unknown);
        EXPECT_EQ(answer.error, "connection closed without an answer");
        const auto seen = server.requests();
        ASSERT_EQ(seen.size(), before + 2);
        EXPECT_EQ(seen[before].connection, seen[before + 1].connection);
    }
}

// Whether that is a second answer, or the body that a 204 must not have.
TEST_F(CurlTransportTest, what_comes_after_an_answer_is_not_the_next_ones) {
    const std::string stray = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nSTRAY";
    HttpTestServer server([&](const Seen& seen) {
        Reply reply = HttpTestServer::answer(200, "of " + seen.target);
        if (seen.target == "/twice") reply.afterwards = stray;
        if (seen.target == "/body") reply.afterwards = "{\"ok\":true}";
        return reply;
    });
    for (const char* const target : {"/twice", "/body"}) {
        const auto before = server.requests().size();
        ASSERT_EQ(send(post(server.url(target), "x")).kind, Kind::answered);
        std::this_thread::sleep_for(milliseconds{60});
        for (const char* const next : {"/a", "/b"}) {
            const HttpAnswer answer = send(post(server.url(next), "x"));
            EXPECT_EQ(answer.kind, Kind::answered) << answer.error;
            EXPECT_EQ(answer.body, "of " + std::string(next));
        }
        const auto seen = server.requests();
        ASSERT_EQ(seen.size(), before + 3);
        EXPECT_NE(seen[before].connection, seen[before + 1].connection);
        EXPECT_EQ(seen[before + 1].connection, seen[before + 2].connection);
    }
}

TEST_F(CurlTransportTest, a_large_post_over_a_kept_connection_that_is_cut_is_asked_once) {
    HttpTestServer server([](const Seen& seen) {
        return seen.target == "/cut" ? HttpTestServer::cut() : HttpTestServer::answer(200, "ok");
    });
    const std::string body(500'000, 'x');
    ASSERT_EQ(send(post(server.url("/"), body)).kind, Kind::answered);
    EXPECT_EQ(send(post(server.url("/cut"), body)).kind, Kind::unknown);
    EXPECT_EQ(server.requests().size(), 2U);
}

// The counterpart, which shows that the tests above have something to catch.
TEST_F(CurlTransportTest, a_get_over_a_kept_connection_that_is_cut_is_asked_again) {
    HttpTestServer server([](const Seen& seen) {
        return seen.number == 1 ? HttpTestServer::cut() : HttpTestServer::answer(200, "ok");
    });
    ASSERT_EQ(send(get(server.url("/"))).kind, Kind::answered);
    EXPECT_EQ(send(get(server.url("/"))).kind, Kind::answered);
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(CurlTransportTest, a_long_answer_is_too_large_or_cut) {
    HttpTestServer server(
        [](const Seen&) { return HttpTestServer::answer(200, std::string(5'000, 'a')); });
    HttpRequest request = get(server.url("/"));
    request.answer_bytes_max = 4'999;
    const HttpAnswer refused = send(request);
    EXPECT_EQ(refused.kind, Kind::too_large);
    EXPECT_EQ(refused.body, "");

    request.truncates_answer = true;
    const HttpAnswer cut = send(request);
    EXPECT_EQ(cut.kind, Kind::answered);
    EXPECT_EQ(cut.body, std::string(4'999, 'a'));

    request.truncates_answer = false;
    request.answer_bytes_max = 5'000;
    EXPECT_EQ(send(request).kind, Kind::answered);
}

TEST_F(CurlTransportTest, an_endless_answer_is_not_read_to_its_end) {
    HttpTestServer server([](const Seen&) {
        return Reply{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(8U << 20U, 'a'),
                     Reply::Then::hang};
    });
    HttpRequest request = get(server.url("/"));
    request.answer_bytes_max = 10;
    request.truncates_answer = true;
    const HttpAnswer answer = send(request);
    EXPECT_EQ(answer.kind, Kind::answered);
    EXPECT_EQ(answer.body, "aaaaaaaaaa");
    EXPECT_LT(answer.elapsed, request.total_timeout);
}

TEST_F(CurlTransportTest, endless_headers_are_too_large) {
    HttpTestServer server([](const Seen&) {
        std::string head = "HTTP/1.1 200 OK\r\n";
        for (int i = 0; i < 100; ++i) head += "X-Filler: " + std::string(1'000, 'f') + "\r\n";
        return HttpTestServer::cut(head);
    });
    EXPECT_EQ(send(get(server.url("/"))).kind, Kind::too_large);
}

TEST_F(CurlTransportTest, what_cannot_be_sent_is_not_sent) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::answer(200, ""); });
    HttpRequest split = get(server.url("/"));
    split.headers = {{"X-Key", "a\r\nX-Other: b"}};
    HttpRequest name = get(server.url("/"));
    name.headers = {{"X Key", "a"}};
    HttpRequest method = get(server.url("/"));
    method.method = "GET /other HTTP/1.1\r\n";
    for (const HttpRequest& request : {split, name, method, get("not a url"), get(""),
                                       get("file:///etc/hostname"), get("ftp://127.0.0.1/")}) {
        EXPECT_EQ(send(request).kind, Kind::not_sent) << request.url;
    }
    EXPECT_EQ(server.requests().size(), 0U);
}

TEST_F(CurlTransportTest, a_private_target_is_blocked) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::answer(200, ""); });
    const std::string port = ":" + std::to_string(server.port()) + "/";
    for (const char* const host : {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]",
                                   "2130706433", "0x7f.1", "0.0.0.0", "10.1.2.3"}) {
        HttpRequest request = post("http://" + (host + port), "x");
        request.refuses_private_targets = true;
        const HttpAnswer answer = send(request);
        EXPECT_EQ(answer.kind, Kind::blocked) << host << ": " << answer.error;
    }
    EXPECT_EQ(server.connections_count(), 0);
}

TEST_F(CurlTransportTest, a_kept_connection_to_a_private_target_is_blocked_too) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::answer(200, ""); });
    HttpRequest request = post(server.url("/"), "x");
    ASSERT_EQ(send(request).kind, Kind::answered);
    request.refuses_private_targets = true;
    EXPECT_EQ(send(request).kind, Kind::blocked);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST(CurlTransport, a_guarded_one_sends_nothing_inside_whatever_is_asked) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::answer(200, ""); });
    CurlTransport transport{CurlOptions{}};
    GuardedTransport guarded{transport};
    const HttpRequest request = get(server.url("/"));
    ASSERT_FALSE(request.refuses_private_targets);
    EXPECT_EQ(run_task(guarded.send(request)).kind, Kind::blocked);
    EXPECT_TRUE(server.requests().empty());
    EXPECT_EQ(run_task(transport.send(request)).kind, Kind::answered);
}

TEST(CurlTransport, the_environments_proxy_is_ignored) {
    const BoundSocket nobody;
    for (const char* const name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
        setenv(name, nobody.url.c_str(), 1);
    }
    {
        HttpTestServer server([](const Seen&) { return HttpTestServer::answer(200, ""); });
        CurlTransport transport{CurlOptions{}};
        EXPECT_EQ(run_task(transport.send(get(server.url("/")))).kind, Kind::answered);
    }
    for (const char* const name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
        unsetenv(name);
    }
}

TEST(CurlTransport, a_configured_proxy_is_used_for_every_host) {
    HttpTestServer proxy([](const Seen&) { return HttpTestServer::answer(200, "by proxy"); });
    setenv("no_proxy", "*", 1);
    CurlOptions options;
    options.proxy = proxy.url("");
    CurlTransport transport{options};
    HttpRequest request = get("http://crm.invalid/x");
    request.refuses_private_targets = true;
    EXPECT_EQ(run_task(transport.send(request)).body, "by proxy");
    EXPECT_EQ(proxy.requests().at(0).target, "http://crm.invalid/x");

    for (const char* const url :
         {"http://10.0.0.1/", "http://[::1]/", "http://localhost:80/", "http://localhost./",
          "http://LOCALHOST./", "http://127.1/", "http://0x7f000001/", "http://127.0.0.1./",
          "http://[::ffff:127.0.0.1]/", "http://%6cocalhost/", "http://[64:ff9b::7f00:1]/",
          "http://metadata.google.internal/"}) {
        request.url = url;
        EXPECT_EQ(run_task(transport.send(request)).kind, Kind::blocked) << url;
    }
    EXPECT_EQ(proxy.requests().size(), 1U);
    unsetenv("no_proxy");
}

TEST(CurlTransport, who_finds_no_free_connection_in_time_is_not_sent) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::hang(); });
    CurlOptions options;
    options.connections_max = 1;
    CurlTransport transport{options};
    HttpRequest slow = post(server.url("/slow"), "x");
    slow.total_timeout = milliseconds{2'000};
    HttpRequest hasty = post(server.url("/hasty"), "x");
    hasty.total_timeout = milliseconds{100};

    asio::io_context io;
    std::optional<HttpAnswer> first;
    std::optional<HttpAnswer> second;
    asio::co_spawn(io, keep_result(transport.send(slow), first), rethrow);
    asio::co_spawn(io, keep_result(transport.send(hasty), second), rethrow);
    io.run();

    EXPECT_EQ(first->kind, Kind::unknown);
    EXPECT_EQ(second->kind, Kind::not_sent);
    EXPECT_LT(second->elapsed, milliseconds{1'900});
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST(CurlTransport, stopping_answers_everything_that_is_under_way) {
    asio::io_context io;
    std::optional<CurlTransport> transport;
    CurlOptions options;
    options.connections_max = 1;
    transport.emplace(options);
    HttpTestServer server([&](const Seen&) {
        asio::post(io, [&] { transport.reset(); });
        return HttpTestServer::hang();
    });
    std::optional<HttpAnswer> sent;
    std::optional<HttpAnswer> waiting;
    asio::co_spawn(io, keep_result(transport->send(post(server.url("/"), "x")), sent), rethrow);
    asio::co_spawn(io, keep_result(transport->send(post(server.url("/"), "x")), waiting), rethrow);
    io.run();

    EXPECT_EQ(sent->kind, Kind::unknown);
    EXPECT_EQ(waiting->kind, Kind::not_sent);
}

TEST_F(CurlTransportTest, after_stop_nothing_is_sent) {
    HttpTestServer server([](const Seen&) { return HttpTestServer::answer(200, ""); });
    transport.stop();
    transport.stop();
    EXPECT_EQ(send(get(server.url("/"))).kind, Kind::not_sent);
    EXPECT_EQ(server.connections_count(), 0);
}

Task<void> send_many(CurlTransport& transport, std::string url, int& left, int& answered) {
    while (left > 0) {
        const std::string body = "{\"number\":" + std::to_string(left--) + "}";
        HttpRequest request = post(url, body);
        const HttpAnswer answer = co_await transport.send(std::move(request));
        if (answer.kind == Kind::answered && answer.body == body) ++answered;
    }
}

TEST(CurlTransport, many_at_a_time_all_get_their_own_answer) {
    HttpTestServer server([](const Seen& seen) { return HttpTestServer::answer(200, seen.body); });
    CurlOptions options;
    options.connections_max = 48;  // Fewer than are under way: some wait.
    CurlTransport transport{options};
    asio::io_context io;
    int left = 2'000;
    int answered = 0;
    for (int i = 0; i < 64; ++i) {
        asio::co_spawn(io, send_many(transport, server.url("/"), left, answered), rethrow);
    }
    io.run();

    EXPECT_EQ(answered, 2'000);
    EXPECT_EQ(server.requests().size(), 2'000U);
    EXPECT_LE(server.connections_count(), 48);
}

}  // namespace
}  // namespace wrapup
