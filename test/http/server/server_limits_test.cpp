#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "test/http/server/server_fixture.hpp"

namespace wrapup {
namespace {

TEST_F(ServerTest, limits_the_header) {
    limits.header_bytes_max = 1024;
    serve();
    Client client(port);
    const std::string fits(900, 'x');
    EXPECT_EQ(client.ask(get("/now", "X-Long: " + fits + "\r\n")).status, 200);
    const std::string too_long(1024, 'x');
    const Reply reply = client.ask(get("/now", "X-Long: " + too_long + "\r\n"));
    EXPECT_EQ(reply.status, 431);
    EXPECT_TRUE(client.is_closed());
    Client endless(port);
    endless.send("GET /" + std::string(100'000, 'x'));
    EXPECT_EQ(endless.read().status, 431);
    EXPECT_EQ(metrics.rejected("header_too_large"), 2);
}

TEST_F(ServerTest, limits_the_body) {
    serve();
    EXPECT_EQ(Client(port).ask(post("/echo", std::string(1024, 'x'))).status, 200);
    Client announced(port);
    EXPECT_EQ(announced.ask(post("/echo", std::string(1025, 'x'))).status, 413);
    Client chunked(port);
    const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(chunked.ask(head + chunk(std::string(1025, 'x')) + chunk("")).status, 413);
    EXPECT_EQ(metrics.rejected("too_large"), 2);
}

TEST_F(ServerTest, bodies_in_flight_share_a_budget) {
    limits.bodies_bytes_max = 3000;  // An endpoint may have half for its small ones.
    serve();
    gate.is_open = false;
    Client first(port);
    first.send(post("/gate", std::string(1000, 'x')));
    await_waiting(1);
    const Reply refused = Client(port).ask(post("/gate", std::string(1000, 'x')));
    EXPECT_EQ(refused.status, 503);
    EXPECT_TRUE(refused.has_header("Retry-After: 1\r\n"));
    EXPECT_EQ(Client(port).ask(post("/echo", std::string(1000, 'x'))).status, 200);
    gate.is_open = true;
    EXPECT_EQ(first.read().status, 200);
    EXPECT_EQ(Client(port).ask(post("/gate", std::string(1000, 'x'))).status, 200);
    EXPECT_EQ(metrics.rejected("overloaded"), 1);
    EXPECT_TRUE(has_line("path=/gate cause=overloaded reason=there is no room for its body"));
}

TEST_F(ServerTest, closes_idle_connections_without_a_word) {
    limits.idle_max = milliseconds{80};
    serve();
    Client client(port), silent(port);
    EXPECT_EQ(client.ask(get("/now")).status, 200);
    EXPECT_EQ(client.read().status, 0);
    EXPECT_TRUE(client.is_closed());
    EXPECT_TRUE(silent.is_closed()) << "one that never says anything";
    EXPECT_EQ(metrics.rejected("too_slow"), 0);
}

TEST_F(ServerTest, a_header_must_arrive_in_time) {
    limits.header_max = milliseconds{150};
    serve();
    Client slow(port);
    const auto began = std::chrono::steady_clock::now();
    for (const char byte : get("/now", "X-Slow: yes\r\n")) {
        if (!slow.send({&byte, 1})) break;
        std::this_thread::sleep_for(milliseconds{15});
    }
    EXPECT_EQ(slow.read().status, 408);
    EXPECT_TRUE(slow.is_closed());
    EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds{150});
}

TEST_F(ServerTest, a_body_must_arrive_in_time) {
    limits.body_max = milliseconds{150};
    limits.body_bytes_per_s_min = 1000;
    serve();
    Client slow(port);
    slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n");
    int sent_count = 0;
    while (sent_count < 100 && slow.send("x")) {  // 100 bytes a second.
        sent_count += 1;
        std::this_thread::sleep_for(milliseconds{10});
    }
    EXPECT_EQ(slow.read().status, 408);
    EXPECT_EQ(metrics.rejected("too_slow"), 1);

    Client steady(port);  // 10,000 bytes a second, for longer than body_max.
    steady.send("POST /sum HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(steady.send(std::string(100, 'x')));
        std::this_thread::sleep_for(milliseconds{8});
    }
    EXPECT_EQ(steady.read().status, 200);
}

TEST_F(ServerTest, a_peer_that_does_not_read_is_cut_off) {
    limits.write_max = milliseconds{100};
    limits.write_bytes_per_s_min = 1 << 30;
    serve();
    Client client(port, 4096);
    client.send(get("/large"));
    for (int i = 0; i < 1'000 && connections_count() == 0; ++i) {
        std::this_thread::sleep_for(milliseconds{1});
    }
    for (int i = 0; i < 1'000 && connections_count() > 0; ++i) {
        std::this_thread::sleep_for(milliseconds{5});
    }
    EXPECT_EQ(connections_count(), 0U);
}

TEST_F(ServerTest, stopping_has_an_end) {
    serve();
    gate.is_open = false;
    Client busy(port);
    busy.send(post("/gate", "never"));
    await_waiting(1);
    const auto began = std::chrono::steady_clock::now();
    stop(milliseconds{100});
    EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds{3'000});
    EXPECT_EQ(busy.read().status, 0);
    gate.is_open = true;
    loop.join();  // The loop runs dry: nothing is left behind.
}

TEST_F(ServerTest, a_header_has_a_bounded_number_of_fields) {
    serve();
    const auto fields = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += "a:\r\n";
        return text;
    };
    EXPECT_EQ(Client(port).ask(get("/now", fields(127))).status, 200);
    EXPECT_EQ(Client(port).ask(get("/now", fields(128))).status, 431);
    EXPECT_EQ(metrics.rejected("header_too_large"), 1);
}

// ---- Uploads (the kind: what strangers hold without going on) ----

TEST_F(ServerTest, stalled_large_uploads_keep_no_sender_out) {
    limits.bodies_bytes_max = 1 << 20;
    serve();
    const std::string body(250'000, 'x');
    std::vector<std::unique_ptr<Client>> stalled;
    for (int i = 0; i < 5; ++i) {
        const std::string upload = post("/keep", body);
        stalled.push_back(std::make_unique<Client>(port));
        ASSERT_TRUE(stalled.back()->send(std::string_view(upload).substr(0, upload.size() - 5)));
    }
    ASSERT_TRUE(becomes([this] { return bodies_bytes() > 2 * 240'000; }));
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(Client(port).ask(post("/keep", body)).body, "250000");
        EXPECT_EQ(Client(port).ask(post("/echo", std::string(1000, 'x'))).status, 200);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds{5'000});
    EXPECT_EQ(stalled.front()->read().status, 503) << "the one that was waited for longest";
    EXPECT_GE(metrics.rejected("overloaded"), 3);
    EXPECT_TRUE(has_line("request refused path=/keep cause=overloaded"));
}

TEST_F(ServerTest, stalled_small_uploads_keep_no_sender_out) {
    limits.bodies_bytes_max = 64 * 1024;
    serve();
    std::vector<std::unique_ptr<Client>> stalled;
    for (int i = 0; i < 80; ++i) {
        const std::string upload = post("/echo", std::string(1024, 'x'));
        stalled.push_back(std::make_unique<Client>(port));
        ASSERT_TRUE(stalled.back()->send(std::string_view(upload).substr(0, upload.size() - 1)));
    }
    ASSERT_TRUE(becomes([this] { return metrics.rejected("overloaded") > 40; }));
    EXPECT_LE(bodies_bytes(), 32U * 1024U);
    for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(Client(port).ask(post("/echo", std::string(1024, 'x'))).status, 200);
    }
    EXPECT_EQ(Client(port).ask(post("/keep", std::string(4000, 'x'))).status, 200);
    EXPECT_TRUE(has_line("request refused path=/echo cause=overloaded"));
}

TEST_F(ServerTest, the_upload_that_goes_on_stays_and_the_stalled_one_is_cut) {
    limits.bodies_bytes_max = 1 << 20;
    limits.progress_bytes = 4096;
    serve();
    Client steady(port), stalled(port);
    const std::string body(300'000, 'x');
    const std::string upload = post("/keep", body);
    std::string_view rest = upload;
    ASSERT_TRUE(steady.send(rest.substr(0, 100'000)));  // The older one.
    rest.remove_prefix(100'000);
    ASSERT_TRUE(becomes([this] { return bodies_bytes() > 99'000; }));
    ASSERT_TRUE(stalled.send(std::string_view(upload).substr(0, 290'000)));
    ASSERT_TRUE(becomes([this] { return bodies_bytes() > 380'000; }));
    while (rest.size() > 50'000) {
        ASSERT_TRUE(steady.send(rest.substr(0, 10'000)));
        rest.remove_prefix(10'000);
    }
    ASSERT_TRUE(becomes([this] { return bodies_bytes() > 530'000; }));
    EXPECT_EQ(Client(port).ask(post("/keep", body)).status, 200);
    ASSERT_TRUE(steady.send(rest));
    EXPECT_EQ(steady.read().body, "300000");
    EXPECT_EQ(stalled.read().status, 503);
}

TEST_F(ServerTest, an_upload_without_progress_is_cut_and_logged) {
    limits.stall_max = milliseconds{400};
    limits.progress_bytes = 500;
    serve();
    Client stalled(port), trickling(port), steady(port);
    const std::string upload = post("/keep", std::string(10'000, 'x'));
    ASSERT_TRUE(stalled.send(std::string_view(upload).substr(0, upload.size() - 5)));
    ASSERT_TRUE(trickling.send(std::string_view(upload).substr(0, 2000)));
    std::string_view rest = upload;
    bool is_trickling_open = true;
    while (!rest.empty()) {  // 10,000 bytes within a second, and 100 bytes.
        ASSERT_TRUE(steady.send(rest.substr(0, 100)));
        rest.remove_prefix(std::min<std::size_t>(100, rest.size()));
        is_trickling_open = is_trickling_open && trickling.send("x");
        std::this_thread::sleep_for(milliseconds{10});
    }
    EXPECT_EQ(steady.read().body, "10000");
    EXPECT_EQ(stalled.read().status, 408);
    EXPECT_EQ(trickling.read().status, 408);
    EXPECT_EQ(metrics.rejected("too_slow"), 2);
    EXPECT_TRUE(has_line("request refused path=/keep cause=too_slow"));
}

TEST_F(ServerTest, half_received_heads_share_a_budget) {
    limits.buffers_bytes_max = 256 * 1024;
    serve();
    const std::string half = "GET /now HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(12'000, 'x');
    std::vector<std::unique_ptr<Client>> slow;
    for (int i = 0; i < 60; ++i) {
        slow.push_back(std::make_unique<Client>(port));
        ASSERT_TRUE(slow.back()->send(half));
    }
    ASSERT_TRUE(becomes([this] { return metrics.rejected("overloaded") > 20; }));
    EXPECT_TRUE(slow.front()->is_closed());
    EXPECT_EQ(slow.back()->ask("\r\n\r\n").body, "now");
    EXPECT_EQ(Client(port).ask(get("/now")).body, "now");
}

// ---- Connections ----

TEST_F(ServerTest, the_longest_idle_connection_gives_way_to_a_new_one) {
    limits.connections_max = 2;
    serve();
    Client one(port), two(port);
    EXPECT_EQ(one.ask(get("/now")).status, 200);
    EXPECT_EQ(two.ask(get("/now")).status, 200);
    EXPECT_EQ(one.ask(get("/now")).status, 200);
    Client three(port);
    EXPECT_EQ(three.ask(get("/now")).status, 200);
    EXPECT_TRUE(two.is_closed());
    EXPECT_EQ(one.ask(get("/now")).status, 200);
    EXPECT_EQ(metrics.rejected("connections"), 1);
    EXPECT_TRUE(has_line("request refused cause=connections reason=the longest idle"));
}

TEST_F(ServerTest, peers_that_say_nothing_or_half_of_it_give_way) {
    limits.connections_max = 3;
    serve();
    Client silent(port);
    ASSERT_TRUE(becomes([this] { return connections_count() == 1; }));
    Client in_head(port);
    ASSERT_TRUE(in_head.send("GET /now HT"));
    ASSERT_TRUE(becomes([this] { return connections_count() == 2; }));
    Client in_body(port);
    ASSERT_TRUE(in_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"));
    ASSERT_TRUE(becomes([this] { return bodies_bytes() == 1; }));
    std::vector<std::unique_ptr<Client>> fresh;
    for (int i = 0; i < 3; ++i) {
        fresh.push_back(std::make_unique<Client>(port));
        EXPECT_EQ(fresh.back()->ask(get("/now")).status, 200) << i;
    }
    EXPECT_TRUE(silent.is_closed());
    EXPECT_TRUE(in_head.is_closed());
    EXPECT_TRUE(in_body.is_closed());
    EXPECT_EQ(bodies_bytes(), 0U);
}

TEST_F(ServerTest, turns_a_connection_away_only_when_all_are_being_served) {
    limits.connections_max = 2;
    serve();
    gate.is_open = false;
    Client one(port), two(port);
    one.send(post("/gate", "a"));
    two.send(post("/gate", "b"));
    await_waiting(2);
    Client three(port);
    EXPECT_EQ(three.read().status, 503);
    EXPECT_TRUE(three.is_closed());
    EXPECT_TRUE(has_line("request refused cause=connections reason=all of them are being served"));
    gate.is_open = true;
    EXPECT_EQ(one.read().body, "a");
    EXPECT_EQ(two.read().body, "b");
    EXPECT_EQ(Client(port).ask(get("/now")).status, 200);
}

TEST_F(ServerTest, a_listener_with_places_of_its_own_stays_open) {
    limits.connections_max = 1;
    serve();
    gate.is_open = false;
    Client busy(port);
    busy.send(post("/gate", "a"));
    await_waiting(1);
    EXPECT_EQ(Client(port).read().status, 503);
    Client one(inner_port), two(inner_port), three(inner_port);
    EXPECT_EQ(three.ask(get("/inner")).body, "inner");
    gate.is_open = true;
    EXPECT_EQ(busy.read().body, "a");
}

TEST_F(ServerTest, one_peer_has_a_bounded_number_of_connections) {
    limits.peer_connections_max = 2;
    limits.bounds_every_peer = true;
    serve();
    Client one(port), two(port);
    EXPECT_EQ(one.ask(get("/now")).status, 200);
    EXPECT_EQ(two.ask(get("/now")).status, 200);
    EXPECT_EQ(Client(port).ask(get("/now")).status, 200);
    EXPECT_TRUE(one.is_closed());
}

TEST_F(ServerTest, one_peer_has_a_bounded_share_of_the_memory_for_bodies) {
    limits.peer_bodies_bytes_max = 2500;
    limits.bounds_every_peer = true;
    serve();
    const std::string upload = post("/keep", std::string(1000, 'x'));
    Client one(port), two(port);
    ASSERT_TRUE(one.send(std::string_view(upload).substr(0, upload.size() - 1)));
    ASSERT_TRUE(becomes([this] { return bodies_bytes() == 999; }));
    ASSERT_TRUE(two.send(std::string_view(upload).substr(0, upload.size() - 1)));
    ASSERT_TRUE(becomes([this] { return bodies_bytes() == 1998; }));
    EXPECT_EQ(Client(port).ask(upload).body, "1000");
    EXPECT_EQ(one.read().status, 503);
    EXPECT_EQ(two.ask("x").body, "1000");
    EXPECT_EQ(bodies_bytes(), 0U);
}

TEST_F(ServerTest, peers_of_this_machine_are_not_bounded_since_they_may_be_a_proxy) {
    limits.peer_connections_max = 1;
    serve();
    Client one(port), two(port);
    EXPECT_EQ(one.ask(get("/now")).status, 200);
    EXPECT_EQ(two.ask(get("/now")).status, 200);
    EXPECT_EQ(one.ask(get("/now")).status, 200);
}

TEST_F(ServerTest, thousands_of_idle_connections_cost_no_sender_anything_and_a_stop_is_prompt) {
    rlimit files{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
    // Both ends are ours.
    const std::size_t count = std::min<std::size_t>(10'000, (files.rlim_cur - 200) / 2);
    serve();
    std::vector<std::unique_ptr<Client>> idle;
    for (std::size_t i = 0; i < count; ++i) {
        idle.push_back(std::make_unique<Client>(port));
        ASSERT_TRUE(idle.back()->is_connected()) << i;
        if (i % 2 != 0) continue;
        ASSERT_EQ(idle.back()->ask(get("/now")).status, 200);
    }
    std::vector<std::unique_ptr<Client>> hanging;
    for (int i = 0; i < 20; ++i) {
        hanging.push_back(std::make_unique<Client>(port));
        ASSERT_TRUE(
            hanging.back()->send("POST /sum HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"));
    }
    ASSERT_TRUE(becomes([&] { return connections_count() == count + 20; }));
    EXPECT_EQ(Client(port).ask(post("/echo", "still here")).body, "still here");
    EXPECT_EQ(idle.front()->ask(get("/now")).status, 200);
    const auto began = std::chrono::steady_clock::now();
    stop(milliseconds{200});
    EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds{8'000});
    EXPECT_EQ(server->connections_count(), 0U);
}

TEST_F(ServerTest, a_lack_of_file_descriptors_does_not_stop_it) {
    serve();
    Client one(port), two(port);
    EXPECT_EQ(one.ask(get("/now")).status, 200);
    EXPECT_EQ(two.ask(get("/now")).status, 200);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    // Fill what is free below the highest number in use, so that one more is the last one.
    int highest = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        highest = std::max(highest, std::atoi(entry.path().filename().c_str()));
    }
    std::vector<int> fillers;
    do {
        fillers.push_back(::dup(0));
        ASSERT_GE(fillers.back(), 0);
    } while (fillers.back() < highest);
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(fillers.back()) + 1;
    ::close(fillers.back());
    fillers.pop_back();
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
    Client three(port);
    const Reply reply = three.ask(get("/now"));
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    for (const int filler : fillers) ::close(filler);
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(one.is_closed()) << "the longest idle one made room";
    EXPECT_TRUE(has_line("cause=connections reason=cannot accept: Too many open files"));
}

// ---- The trace ----

TEST_F(ServerTest, every_refusal_is_logged_a_bounded_number_of_times) {
    limits.header_max = milliseconds{100};
    serve();
    for (int i = 0; i < 25; ++i) EXPECT_EQ(Client(port).ask("nonsense\r\n\r\n").status, 400);
    EXPECT_EQ(Client(port).ask(get("/now", "X: " + std::string(20'000, 'x'))).status, 431);
    EXPECT_EQ(Client(port).ask(post("/echo", std::string(2'000, 'x'))).status, 413);
    EXPECT_EQ(Client(port).ask("GET / HT").status, 408);
    clock.advance(milliseconds{61'000});
    EXPECT_EQ(Client(port).ask("GET / HTTP/1.1\r\n\r\n").status, 400);
    EXPECT_EQ(metrics.rejected("malformed"), 26);
    std::size_t malformed_count = 0;
    for (const auto& [tag, line] : log.lines()) {
        if (line.find("request refused cause=malformed") == 0) malformed_count += 1;
    }
    EXPECT_EQ(malformed_count, 11U);
    EXPECT_TRUE(
        has_line("cause=malformed reason=a request has exactly one Host header not_logged=15"));
    EXPECT_TRUE(has_line("request refused cause=header_too_large"));
    EXPECT_TRUE(has_line("request refused path=/echo cause=too_large"));
    EXPECT_TRUE(has_line("request refused cause=too_slow"));
}

}  // namespace
}  // namespace wrapup
