#include <gmock/gmock.h>

#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr int many_calls = 3'000;

CallChange changed(std::string id, CallState state = CallState::delivered) {
    return {std::move(id), state};
}

// A client of the stream: its answer's head, then event by event.
class StreamClient {
public:
    StreamClient(std::uint16_t port, std::string_view headers, int receive_bytes = 0)
        : client_(port, receive_bytes), head(client_.ask(get("/api/stream", headers))) {}

    // The next one, as it was written, without its empty line.
    std::string next() { return client_.read_until("\n\n"); }
    bool is_closed() { return client_.is_closed(); }

private:
    Client client_;

public:
    const Reply head;
};

class StreamRoutesTest : public FrontTest {
protected:
    StreamRoutesTest() {
        options.stream.epoch = 7;
        options.stream.pace = milliseconds{20};
        options.limits.push_look = milliseconds{20};
    }
    StreamClient follow(std::string_view headers = {}) {
        return StreamClient(front->port(), with_token() + std::string(headers));
    }
    void change(std::vector<CallChange> changes) { front->calls_changed(std::move(changes)); }
    std::string sign_in() {
        const Reply in = ask(
            post("/api/session", R"({"token":"api-token"})", "Content-Type: application/json\r\n"));
        const std::size_t begin = in.head.find("wrapup_session=");
        return "Cookie: " + in.head.substr(begin, in.head.find(';', begin) - begin) + "\r\n";
    }
};

TEST_F(StreamRoutesTest, tells_which_calls_changed) {
    serve();
    StreamClient client = follow();
    EXPECT_EQ(client.head.status, 200);
    EXPECT_TRUE(client.head.has_header("Content-Type: text/event-stream\r\n"));
    EXPECT_TRUE(client.head.has_header("Cache-Control: no-store, no-transform\r\n"));
    EXPECT_TRUE(client.head.has_header("X-Accel-Buffering: no\r\n"));
    EXPECT_THAT(client.head.head, Not(HasSubstr("Content-Length")));
    EXPECT_EQ(client.next(), "retry: 1867\nid: 7-0");
    change({changed("CA1", CallState::open)});
    EXPECT_EQ(client.next(),
              "id: 7-1\ndata: {\"seq\":1,\"calls\":[{\"call\":\"CA1\",\"state\":\"open\"}]}");
    change({changed("CA1"), changed("a\"\nb")});
    EXPECT_EQ(client.next(),
              "id: 7-3\ndata: {\"seq\":3,\"calls\":[{\"call\":\"CA1\",\"state\":\"delivered\"},"
              "{\"call\":\"a\\\"\\nb\",\"state\":\"delivered\"}]}");
}

TEST_F(StreamRoutesTest, tells_at_once_and_then_a_beat_apart_what_came_meanwhile) {
    options.stream.pace = milliseconds{50};
    serve();
    StreamClient client = follow();
    client.next();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 5; ++i) {
        for (const char* id : {"CA1", "CA2", "CA1"}) change({changed(id)});
        EXPECT_THAT(client.next(), StartsWith("id: 7-")) << i;
    }
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 4 * options.stream.pace);
}

TEST_F(StreamRoutesTest, tells_of_so_many_calls_at_once_and_the_others_with_the_next_beat) {
    options.stream.calls_max = 2;
    serve();
    StreamClient client = follow();
    client.next();
    change({changed("CA1"), changed("CA2"), changed("CA3")});
    EXPECT_THAT(client.next(), StartsWith("id: 7-2\n"));
    EXPECT_THAT(client.next(),
                StartsWith("id: 7-3\ndata: {\"seq\":3,\"calls\":[{\"call\":\"CA3\""));
}

TEST_F(StreamRoutesTest, goes_on_where_a_client_was_cut_off) {
    serve();
    change({changed("CA1"), changed("CA2")});
    StreamClient client = follow("Last-Event-ID: 7-1\r\n");
    EXPECT_THAT(client.next(), EndsWith("id: 7-1"));
    EXPECT_THAT(client.next(),
                StartsWith("id: 7-2\ndata: {\"seq\":2,\"calls\":[{\"call\":\"CA2\""));
}

TEST_F(StreamRoutesTest, tells_a_client_to_start_anew_when_it_does_not_know_where_it_was) {
    serve();
    change({changed("CA1")});
    for (const char* other : {"6-1", "7-2", "nonsense"}) {
        StreamClient client = follow("Last-Event-ID: " + std::string(other) + "\r\n");
        EXPECT_THAT(client.next(), Not(HasSubstr("id:")));
        EXPECT_EQ(client.next(), "id: 7-1\nevent: reset\ndata: {\"seq\":1}") << other;
    }
}

TEST_F(StreamRoutesTest, a_client_that_falls_behind_is_told_to_start_anew) {
    serve();
    StreamClient client = follow("Last-Event-ID: 7-0\r\n");
    client.next();
    std::vector<CallChange> flood;
    for (int i = 0; i < many_calls; ++i) flood.push_back(changed("CA" + std::to_string(i)));
    change(std::move(flood));
    EXPECT_EQ(client.next(), "id: 7-3000\nevent: reset\ndata: {\"seq\":3000}");
}

TEST_F(StreamRoutesTest, says_that_it_lives_when_nothing_happens) {
    options.stream.heartbeat = milliseconds{40};
    serve();
    StreamClient client = follow();
    client.next();
    EXPECT_EQ(client.next(), ":");
    EXPECT_EQ(client.next(), ":");
}

TEST_F(StreamRoutesTest, wants_a_token_or_a_session) {
    serve();
    EXPECT_EQ(ask(get("/api/stream")).status, 401);
    EXPECT_EQ(ask(get("/api/stream", "Cookie: wrapup_session=1.2.3\r\n")).status, 401);
    EXPECT_EQ(StreamClient(front->port(), sign_in()).head.status, 200);
}

TEST_F(StreamRoutesTest, ends_with_the_session) {
    serve();
    const std::string mine = sign_in();
    StreamClient ended(front->port(), mine);
    StreamClient expired(front->port(), sign_in());
    StreamClient by_token = follow();
    EXPECT_EQ(
        ask(request("DELETE", "/api/session", "", mine + "Sec-Fetch-Site: same-origin\r\n")).status,
        204);
    EXPECT_TRUE(ended.is_closed());
    change({changed("CA1")});
    expired.next();
    EXPECT_THAT(expired.next(), HasSubstr("CA1"));
    clock.advance(Sessions::valid_for);
    EXPECT_TRUE(expired.is_closed());
    change({changed("CA2")});
    by_token.next();
    EXPECT_THAT(by_token.next(), HasSubstr("CA1"));
}

TEST_F(StreamRoutesTest, there_are_so_many_streams_and_one_that_left_makes_room) {
    options.limits.streams_max = 2;
    serve();
    StreamClient one = follow();
    {
        StreamClient two = follow();
        const Reply refused = api_get("/api/stream");
        EXPECT_EQ(refused.status, 503);
        EXPECT_THAT(refused.body, HasSubstr("2 streams are open"));
        EXPECT_TRUE(refused.has_header("Retry-After: 1\r\n"));
        EXPECT_EQ(metrics.rejected("connections"), 1);
        EXPECT_EQ(two.head.status, 200);
    }
    Reply again;
    for (int i = 0; i < 200 && again.status != 200; ++i) again = follow().head;
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(one.head.status, 200);
}

TEST_F(StreamRoutesTest, streams_take_no_place_of_other_requests) {
    options.limits.connections_max = 1;
    serve();
    StreamClient one = follow();
    StreamClient two = follow();
    EXPECT_EQ(api_get("/api/destinations").status, 200);
    change({changed("CA1")});
    for (StreamClient* client : {&one, &two}) {
        client->next();
        EXPECT_THAT(client->next(), HasSubstr("CA1"));
    }
}

TEST_F(StreamRoutesTest, one_that_does_not_read_holds_up_nobody) {
    options.stream.pace = milliseconds{1};
    options.limits.write_max = milliseconds{200};
    options.limits.write_bytes_per_s_min = 1 << 30;
    serve();
    StreamClient deaf(front->port(), with_token(), 4'096);
    StreamClient client = follow();
    client.next();
    // More than the system's buffers take.
    const std::string long_id(40'000, 'x');
    for (int i = 0; i < 400; ++i) {
        change({changed(long_id + std::to_string(i))});
        ASSERT_THAT(client.next(), EndsWith(std::to_string(i) + R"(","state":"delivered"}]})"));
    }
    EXPECT_EQ(api_get("/api/destinations").status, 200);
    EXPECT_TRUE(deaf.is_closed());
}

TEST_F(StreamRoutesTest, a_stop_ends_it_at_once) {
    serve();
    StreamClient client = follow();
    const auto begin = std::chrono::steady_clock::now();
    stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds{800});
    EXPECT_TRUE(client.is_closed());
}

TEST_F(StreamRoutesTest, head_is_answered_and_ends) {
    serve();
    Client client(front->port());
    const Reply reply =
        client.ask("HEAD /api/stream HTTP/1.1\r\nHost: a\r\n" + with_token() + "\r\n");
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.has_header("Content-Type: text/event-stream\r\n"));
    EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace wrapup
