// The whole service in this process, on real sockets and threads, with every peer hanging: it ends
// in order wherever it is stopped. Runs under AddressSanitizer and ThreadSanitizer, which see what
// a shutdown touches too late.

#include "app/serve/house.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "app/demo/demo_folder.hpp"
#include "codec/bytes/form.hpp"
#include "test/app/serve/notify_socket.hpp"
#include "test/house/silent_peer.hpp"
#include "test/http/client.hpp"

#if defined(__SANITIZE_THREAD__)
// Debian's libbson is not instrumented: libmongoc's atomic reference counts are invisible, and the
// documents that they guard look like races inside libbson.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "called_from_lib:libbson-1.0.so\n"; }
#endif

namespace wrapup {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr const char* token = "0123456789abcdef";

std::string sid_number(int number) {
    std::string sid = "CA00000000000000000000000000000000";
    const std::string digits = std::to_string(number);
    return sid.replace(sid.size() - digits.size(), digits.size(), digits);
}

class HouseTest : public testing::Test {
protected:
    HouseTest() {
        settings.destination("crm").url = crm.url() + "/hook";
        settings.allows_private_targets = true;
        settings.elevenlabs_api_key = "key";
        settings.elevenlabs_base_url = elevenlabs.url();
        settings.twilio_account_sid = "AC00000000000000000000000000000001";
        settings.twilio_auth_tokens = {"token"};
        settings.twilio_base_url = twilio.url();
        settings.server_url = "https://calls.example.com";
        settings.allows_unsigned_twilio = true;
        settings.listen = {"127.0.0.1", 0};
        settings.data_dir = folder.path() / "data";
    }
    ~HouseTest() override { EXPECT_FALSE(running_.joinable()) << "the test left it running"; }

    void build() {
        auto built = House::build(settings, token, patience, {}, manager);
        ASSERT_TRUE(built) << built.error().detail;
        house = *std::move(built);
    }
    void run() {
        running_ = std::thread([this] { house->run(); });
    }
    void start() {
        build();
        port = house->port();
        run();
        ASSERT_TRUE(becomes([&] { return Client(port).ask(get("/healthz")).status == 200; }));
    }
    // Waits for the end, destruction included.
    void expect_end(milliseconds at_most) {
        const auto from = SteadyClock::now();
        running_.join();
        house.reset();
        const auto took = std::chrono::duration_cast<milliseconds>(SteadyClock::now() - from);
        EXPECT_LT(took.count(), at_most.count());
    }
    void stop() {
        house->stop();
        expect_end(10s);
    }

    void callback(int number, const std::string& status, const std::string& more = {}) {
        const std::string body = "CallSid=" + sid_number(number) + "&CallStatus=" + status +
                                 "&Direction=outbound-api&To=%2B61413052898" + more;
        const Reply reply = Client(port).ask(post(
            "/call-status-callback", body, "Content-Type: application/x-www-form-urlencoded\r\n"));
        ASSERT_EQ(reply.status, 204) << reply.body;
    }
    static std::string send_request(int number) {
        return post("/api/test-crm-webhook", R"({"callSid":")" + sid_number(number) + R"("})",
                    "Authorization: Bearer " + std::string(token) +
                        "\r\nContent-Type: application/json\r\n");
    }
    static bool becomes(const std::function<bool()>& is_so, milliseconds patience = 10s) {
        const auto until = SteadyClock::now() + patience;
        while (!is_so() && SteadyClock::now() < until) std::this_thread::sleep_for(5ms);
        return is_so();
    }

    SilentPeer crm;
    SilentPeer elevenlabs;
    SilentPeer twilio;
    SilentPeer mongodb;
    DemoFolder folder{"wrapup-house"};
    Settings settings = inspect_settings({}).settings;
    // Short, so that many stops fit into one test; one test has the real ones.
    StopPatience patience{.requests = 200ms, .attempts = 300ms, .cut_off = 1'500ms};
    ServiceManager manager;
    std::unique_ptr<House> house;
    std::uint16_t port = 0;

private:
    std::thread running_;
};

TEST_F(HouseTest, that_never_ran_is_destroyed) {
    build();
    house.reset();
    build();
    EXPECT_NE(house->port(), 0);
}

TEST_F(HouseTest, stopped_before_it_runs_ends_at_once) {
    build();
    house->stop();
    house->stop();
    run();
    expect_end(5s);
}

TEST_F(HouseTest, ends_on_sigterm) {
    start();
    ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
    expect_end(5s);
}

TEST_F(HouseTest, ends_when_its_terminal_does) {
    start();
    ASSERT_EQ(::kill(::getpid(), SIGHUP), 0);
    expect_end(5s);
}

TEST_F(HouseTest, goes_on_under_nohup) {
    std::signal(SIGHUP, SIG_IGN);
    start();
    ASSERT_EQ(::kill(::getpid(), SIGHUP), 0);
    EXPECT_EQ(Client(port).ask(get("/healthz")).status, 200);
    house->stop();
    expect_end(5s);
    std::signal(SIGHUP, SIG_DFL);
}

TEST_F(HouseTest, tells_the_service_manager_how_it_is) {
    const std::string name = (folder.path() / "notify").string();
    const NotifySocket socket(name);
    manager = ServiceManager(name, 30ms);
    start();
    EXPECT_EQ(socket.next(),
              "READY=1\nSTATUS=takes events on port " + std::to_string(house->port()));
    EXPECT_EQ(socket.next(), "WATCHDOG=1");
    house->stop();
    std::string word = "WATCHDOG=1";
    while (word == "WATCHDOG=1") word = socket.next();
    EXPECT_EQ(word, "STOPPING=1\nSTATUS=finishes what is under way");
    expect_end(5s);
}

TEST_F(HouseTest, ends_with_connections_and_half_a_request_open) {
    start();
    Client idle(port);
    Client half(port);
    ASSERT_TRUE(
        half.send("POST /call-status-callback HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n"
                  "Content-Type: application/x-www-form-urlencoded\r\n\r\nCall"));
    ASSERT_EQ(idle.ask(get("/healthz")).status, 200);
    stop();
    EXPECT_TRUE(half.is_closed());
    EXPECT_TRUE(idle.is_closed());
}

TEST_F(HouseTest, ends_during_attempts_and_does_not_forget_them) {
    for (int round = 0; round < 3; ++round) {
        start();
        const int seen = crm.connections_count();
        callback(round, "busy");
        ASSERT_TRUE(becomes([&] { return crm.connections_count() > seen; }));
        stop();
    }
    // The next life knows that nobody knows how they ended.
    start();
    const Reply story = Client(port).ask(
        get("/api/calls/" + sid_number(0), "Authorization: Bearer " + std::string(token) + "\r\n"));
    EXPECT_NE(story.body.find(R"("outcome":"unknown")"), std::string::npos) << story.body;
    stop();
}

TEST_F(HouseTest, ends_during_lookups_at_twilio_and_elevenlabs) {
    for (int round = 0; round < 3; ++round) {
        start();
        const int asked_twilio = twilio.connections_count();
        const int asked_elevenlabs = elevenlabs.connections_count();
        for (int i = 0; i < 12; ++i) {
            const bool tells_who = i % 2 == 0;
            callback(100 * round + i, "completed",
                     tells_who ? "&CallDuration=60&AnsweredBy=human" : "&CallDuration=60");
        }
        ASSERT_TRUE(becomes([&] { return twilio.connections_count() > asked_twilio; }));
        ASSERT_TRUE(becomes([&] { return elevenlabs.connections_count() > asked_elevenlabs; }));
        stop();
    }
}

TEST_F(HouseTest, ends_while_a_send_waits_for_an_attempt) {
    for (int round = 0; round < 2; ++round) {
        start();
        const int seen = crm.connections_count();
        callback(round, "busy");
        ASSERT_TRUE(becomes([&] { return crm.connections_count() > seen; }));
        Client person(port);
        ASSERT_TRUE(person.send(send_request(round)));
        // A later request on another connection is answered: so the first is being worked on.
        ASSERT_EQ(Client(port).ask(get("/healthz")).status, 200);
        std::this_thread::sleep_for(50ms);
        stop();
        EXPECT_NE(person.read().status, 200);
    }
}

TEST_F(HouseTest, ends_while_a_send_waits_for_twilio) {
    start();
    Client person(port);
    ASSERT_TRUE(person.send(send_request(7)));
    ASSERT_TRUE(becomes([&] { return twilio.connections_count() > 0; }));
    stop();
    EXPECT_NE(person.read().status, 200);
}

TEST_F(HouseTest, ends_while_mongodb_hangs) {
    const auto uri =
        parse_mongo_uri("mongodb://127.0.0.1:" + std::to_string(mongodb.port()) + "/dialler");
    ASSERT_TRUE(uri);
    settings.mongodb = *uri;
    start();
    for (int i = 0; i < 6; ++i) callback(i, "busy");
    ASSERT_TRUE(becomes([&] { return mongodb.connections_count() > 0; }));
    stop();
}

TEST_F(HouseTest, ends_within_ten_seconds_whatever_hangs) {
    patience = {};
    start();
    callback(1, "busy");
    ASSERT_TRUE(becomes([&] { return crm.connections_count() > 0; }));
    for (int i = 10; i < 40; ++i) callback(i, "completed", "&CallDuration=60");
    ASSERT_TRUE(becomes([&] { return twilio.connections_count() > 0; }));
    Client person(port);
    ASSERT_TRUE(person.send(send_request(1)));
    Client other(port);
    ASSERT_TRUE(other.send(send_request(99)));
    stop();
}

}  // namespace
}  // namespace wrapup
