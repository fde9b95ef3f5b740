#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "test/http/server/server_fixture.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;

TEST_F(ServerTest, answers_one_request_after_another_on_a_connection) {
    serve();
    Client client(port);
    for (int i = 0; i < 3; ++i) {
        const Reply reply = client.ask(get("/now"));
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.body, "now");
    }
    const Reply reply = client.ask(get("/now"));
    EXPECT_THAT(reply.head,
                HasSubstr("HTTP/1.1 200 OK\r\nDate: Sun, 09 Nov 2025 18:45:12 GMT\r\n"));
    EXPECT_FALSE(reply.has_header("Server:"));
    EXPECT_FALSE(reply.has_header("Connection:"));
}

TEST_F(ServerTest, answers_pipelined_requests_in_their_order) {
    serve();
    Client client(port);
    std::string requests;
    for (int i = 0; i < 50; ++i) {
        requests += post("/echo", std::to_string(i));
        requests += get("/now");
    }
    requests += get("/absent");
    ASSERT_TRUE(client.send(requests));
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(client.read().body, std::to_string(i));
        EXPECT_EQ(client.read().body, "now");
    }
    EXPECT_EQ(client.read().status, 404);
}

TEST_F(ServerTest, an_answer_does_not_wait_for_the_next_request) {
    serve();
    gate.is_open = false;
    Client client(port);
    ASSERT_TRUE(client.send(get("/now") + post("/gate", "slow")));
    EXPECT_EQ(client.read().body, "now");
    gate.is_open = true;
    EXPECT_EQ(client.read().body, "slow");
}

TEST_F(ServerTest, takes_requests_byte_by_byte) {
    serve();
    Client client(port);
    for (const char byte : post("/echo", "hello")) ASSERT_TRUE(client.send({&byte, 1}));
    EXPECT_EQ(client.read().body, "hello");
}

TEST_F(ServerTest, refuses_what_is_not_there_and_methods_that_are_not_served) {
    serve();
    Client client(port);
    const Reply absent = client.ask(get("/absent?x=1"));
    EXPECT_EQ(absent.status, 404);
    EXPECT_TRUE(absent.has_header("Content-Type: application/problem+json\r\n"));
    EXPECT_EQ(absent.body, R"({"type":"about:blank","title":"Not Found","status":404,)"
                           R"("detail":"there is nothing here"})");
    for (const char* method : {"POST", "OPTIONS", "DELETE", "BREW"}) {
        const Reply reply = client.ask(request(method, "/now", ""));
        EXPECT_EQ(reply.status, 405) << method;
        EXPECT_TRUE(reply.has_header("Allow: GET, HEAD\r\n")) << method;
    }
}

TEST_F(ServerTest, answers_head_like_get_without_the_body) {
    serve();
    Client client(port);
    for (const char* path : {"/now", "/items/a/name"}) {
        const Reply head = client.ask("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(head.status, 200) << path;
        const Reply reply = client.ask(get(path));
        ASSERT_FALSE(reply.body.empty());
        EXPECT_TRUE(head.has_header("Content-Length: " + std::to_string(reply.body.size())))
            << path;
    }
    const Reply refused = client.ask("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(refused.status, 405);
    EXPECT_TRUE(refused.has_header("Allow: POST\r\n"));
    EXPECT_EQ(client.ask(get("/now")).body, "now") << "a HEAD's answer has no body";
}

TEST_F(ServerTest, skips_empty_lines_before_a_request) {
    limits.header_max = milliseconds{150};
    serve();
    Client client(port);
    EXPECT_EQ(client.ask("\r\n" + get("/now")).body, "now");
    EXPECT_EQ(client.ask("\r\n\r\n" + post("/echo", "a")).body, "a");
    for (const char* piece : {"\r", "\n", "\r"}) {
        ASSERT_TRUE(client.send(piece));
        std::this_thread::sleep_for(milliseconds{5});
    }
    EXPECT_EQ(client.ask("\n" + get("/now")).body, "now");
    // Behind a body, and then nothing for a while: that is idle, not a slow header.
    EXPECT_EQ(client.ask(post("/echo", "b") + "\r\n").body, "b");
    std::this_thread::sleep_for(milliseconds{400});
    EXPECT_EQ(client.ask(get("/now")).body, "now");
    Client endless(port);
    std::string lines;
    for (int i = 0; i < 20'000; ++i) lines += "\r\n";
    EXPECT_EQ(endless.ask(lines).status, 431);
    EXPECT_EQ(metrics.rejected("too_slow"), 0);
}

TEST_F(ServerTest, decodes_the_piece_of_the_path) {
    serve();
    Client client(port);
    EXPECT_EQ(client.ask(get("/items/a%20b+c/name")).body, "a b+c");
    EXPECT_EQ(client.ask(get("/items/a%2/name")).status, 400);
    EXPECT_EQ(client.ask(get("/items//name")).status, 404);
    EXPECT_EQ(client.ask(get("/items/a/b/name")).status, 404);
    EXPECT_EQ(client.ask(get("http://elsewhere/items/x/name?q=/")).body, "x");
}

TEST_F(ServerTest, closes_when_it_is_asked_to) {
    serve();
    Client modern(port);
    EXPECT_TRUE(modern.ask(get("/now", "Connection: close\r\n")).has_header("Connection: close"));
    EXPECT_TRUE(modern.is_closed());
    Client old(port);
    EXPECT_TRUE(old.ask("GET /now HTTP/1.0\r\n\r\n").has_header("Connection: close"));
    EXPECT_TRUE(old.is_closed());
    Client old_kept(port);
    const std::string kept = "GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    EXPECT_TRUE(old_kept.ask(kept).has_header("Connection: keep-alive"));
    EXPECT_EQ(old_kept.ask(kept).status, 200);
}

struct Nonsense {
    const char* name;
    const char* bytes;
    int status;
};
constexpr Nonsense nonsense[] = {
    {"no http", "hello, is it me\r\n\r\n", 400},
    {"no host", "GET /now HTTP/1.1\r\n\r\n", 400},
    {"two hosts", "GET /now HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"http 2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
    {"length and chunks",
     "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"chunks in http 1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"two lengths",
     "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
    {"negative length", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
    {"gzip coding",
     "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {"bad chunk", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
     400},
    {"gzip body",
     "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 415},
    {"expectation", "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\nx",
     417},
};

TEST_F(ServerTest, refuses_nonsense) {
    serve();
    for (const Nonsense& row : nonsense) {
        Client client(port);
        EXPECT_EQ(client.ask(row.bytes).status, row.status) << row.name;
    }
    EXPECT_EQ(Client(port).ask(get("/now")).status, 200);
}

TEST_F(ServerTest, sees_its_answer_through_although_the_peer_still_sends) {
    serve();
    Client client(port);
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n");
    client.send(std::string(8'000'000, 'x'));
    EXPECT_EQ(client.read().status, 413);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, an_unread_small_body_keeps_the_connection) {
    serve();
    Client client(port);
    EXPECT_EQ(client.ask(post("/absent", "some body")).status, 404);
    EXPECT_EQ(client.ask(post("/now", "some body")).status, 405);
    EXPECT_EQ(client.ask(request("GET", "/now", "body")).status, 200);
    EXPECT_EQ(client.ask(post("/echo", "still here")).body, "still here");
}

TEST_F(ServerTest, understands_chunks_and_trailers) {
    serve();
    Client client(port);
    const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.send(head);
    for (const char* piece : {"hel", "lo ", "world"}) {
        std::this_thread::sleep_for(milliseconds{5});
        client.send(chunk(piece));
    }
    client.send("0\r\nX-Trailer: 1\r\n\r\n");
    EXPECT_EQ(client.read().body, "hello world");
    EXPECT_EQ(client.ask(head + chunk("")).body, "");
    EXPECT_EQ(client.ask(get("/now")).body, "now");
}

TEST_F(ServerTest, an_empty_chunked_body_may_come_byte_by_byte) {
    serve();
    Client client(port);
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char* piece : {"0", "\r", "\n", "\r", "\n"}) {
        std::this_thread::sleep_for(milliseconds{5});
        client.send(piece);
    }
    EXPECT_EQ(client.read().status, 200);
    EXPECT_EQ(client.ask(get("/now")).body, "now");
}

TEST_F(ServerTest, a_chunk_header_without_end_is_refused) {
    serve();
    Client client(port);
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                std::string(100'000, 'x'));
    EXPECT_EQ(client.read().status, 400);
}

TEST_F(ServerTest, says_continue_only_when_the_body_is_wanted) {
    serve();
    Client client(port);
    const std::string head =
        "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ";
    EXPECT_EQ(client.ask(head + "5\r\n\r\n").status, 100);
    EXPECT_EQ(client.ask("hello").body, "hello");
    const Reply refused = client.ask(head + "5000\r\n\r\n");
    EXPECT_EQ(refused.status, 413);
    EXPECT_TRUE(client.is_closed());
    Client impatient(port);
    EXPECT_EQ(impatient.ask(head + "5\r\n\r\nhello").body, "hello") << "no 100 after the body";
}

TEST_F(ServerTest, streams_a_body_in_pieces) {
    serve();
    Client client(port);
    EXPECT_EQ(client.ask(post("/sum", std::string(1 << 20, 'x'))).body, "1048576");
    const std::string head = "POST /sum HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.send(head);
    for (int i = 0; i < 9; ++i) client.send(chunk(std::string(100'000, 'y')));
    client.send(chunk(""));
    EXPECT_EQ(client.read().body, "900000");
    EXPECT_EQ(client.ask(post("/sum", "")).body, "0");
    EXPECT_EQ(loop.ask([this] { return server->bodies_bytes(); }), 0U);
}

TEST_F(ServerTest, sends_large_answers_whole) {
    serve();
    Client client(port, 4096);
    EXPECT_EQ(client.ask(get("/large")).body.size(), 8U << 20U);
    EXPECT_EQ(client.ask(get("/now")).body, "now");
}

TEST_F(ServerTest, survives_a_handler_that_throws) {
    serve();
    Client client(port);
    const Reply reply = client.ask(get("/fail"));
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(client.ask(get("/now")).status, 200);
    ASSERT_EQ(log.lines().size(), 1U);
    EXPECT_THAT(log.lines()[0].second, HasSubstr("route=/fail"));
    EXPECT_THAT(log.lines()[0].second + reply.body, testing::Not(HasSubstr("Smith")));
}

TEST_F(ServerTest, survives_a_lack_of_memory_and_what_is_no_exception) {
    serve();
    Client client(port);
    const Reply exhausted = client.ask(get("/exhausted"));
    EXPECT_EQ(exhausted.status, 503) << "a sender has to come again";
    EXPECT_TRUE(exhausted.has_header("Retry-After: 1\r\n"));
    EXPECT_EQ(client.ask(get("/odd")).status, 500);
    EXPECT_EQ(client.ask(get("/now")).status, 200);
    EXPECT_TRUE(has_line("a request failed inside route=/exhausted exception=St9bad_alloc"));
    EXPECT_TRUE(has_line("a request failed inside route=/odd exception=unknown"));
}

TEST_F(ServerTest, stopping_lets_a_request_end_and_closes_idle_connections) {
    serve();
    gate.is_open = false;
    Client busy(port), idle(port);
    EXPECT_EQ(idle.ask(get("/now")).status, 200);
    busy.send(post("/gate", "done"));
    await_waiting(1);
    std::thread opener([this] {
        std::this_thread::sleep_for(milliseconds{100});
        gate.is_open = true;
    });
    stop(milliseconds{5'000});
    opener.join();
    const Reply reply = busy.read();
    EXPECT_EQ(reply.body, "done");
    EXPECT_TRUE(reply.has_header("Connection: close\r\n"));
    EXPECT_TRUE(idle.is_closed());
    EXPECT_FALSE(Client(port).is_connected());
    EXPECT_EQ(server->connections_count(), 0U);
}

TEST_F(ServerTest, says_which_address_it_cannot_have) {
    serve();
    Server other(loop.io.get_executor(), limits, clock, log, metrics);
    const auto taken = other.listen({"127.0.0.1", port}, RouteSet());
    ASSERT_FALSE(taken);
    EXPECT_THAT(taken.error().detail, HasSubstr("127.0.0.1:" + std::to_string(port)));
    EXPECT_FALSE(other.listen({"nowhere", 0}, RouteSet()));
}

// The statuses that answers of ours have.
TEST(StatusText, every_status_has_a_name) {
    for (const int status : {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 408, 409,
                             413, 414, 415, 417, 422, 429, 431, 500, 501, 502, 503, 504}) {
        EXPECT_NE(status_text(status), "Unknown") << status;
    }
    EXPECT_EQ(status_text(422), "Unprocessable Content");
}

}  // namespace
}  // namespace wrapup
