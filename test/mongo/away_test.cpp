// MongoDB that is killed, frozen, slow, restarted, or never there. On servers of the test's own:
// always nx-27017.

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <latch>
#include <map>

#include "adapters/mongo/metadata.hpp"
#include "test/metadata_find.hpp"
#include "test/mongo/proxy.hpp"

#if defined(__SANITIZE_THREAD__)
// Debian's libmongoc and libbson are not instrumented: libmongoc's atomic reference counts are
// invisible, and the documents that they guard look like races inside libbson.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "called_from_lib:libbson-1.0.so\n"; }
#endif

namespace wrapup {
namespace {

using namespace std::chrono_literals;
using test::Dialler;
using test::NxServer;
using test::Proxy;
using test::settings_of;
using test::TestClock;
using Kind = MetadataAnswer::Kind;
using SteadyClock = std::chrono::steady_clock;

milliseconds since(SteadyClock::time_point begin) {
    return std::chrono::duration_cast<milliseconds>(SteadyClock::now() - begin);
}

class MongoAway : public testing::Test {
protected:
    static constexpr const char* calls = R"([{"callSid":"CA1","contactName":"Ann"}])";

    MongoSettings settings() const { return settings_of(server.uri() + "/d"); }
    MetadataAnswer ask() { return find_one(*metadata, {"CA1", "", "+614"}); }

    // Asks until it is found, as the settler does, for at most `patience`.
    MetadataAnswer ask_until_found(milliseconds patience) {
        const auto begin = SteadyClock::now();
        MetadataAnswer answer = ask();
        while (answer.kind != Kind::found && since(begin) < patience) {
            std::this_thread::sleep_for(50ms);
            answer = ask();
        }
        return answer;
    }

    NxServer server;
    TestClock clock;
    std::unique_ptr<MongoMetadata> metadata;
};

class MongoComesAndGoes : public MongoAway {
protected:
    MongoComesAndGoes() {
        Dialler{server.uri() + "/admin"}.write("d", "calls", calls);
        metadata = std::make_unique<MongoMetadata>(settings(), MongoMapping{}, clock);
        EXPECT_EQ(ask().kind, Kind::found);
    }
};

TEST_F(MongoComesAndGoes, killed_it_is_away_and_restarted_it_is_back) {
    server.kill_9();

    const auto begin = SteadyClock::now();
    const MetadataAnswer away = ask();
    EXPECT_EQ(away.kind, Kind::away);
    EXPECT_FALSE(away.detail.empty());
    EXPECT_LT(since(begin), 6s);
    EXPECT_TRUE(metadata->status().is_away);
    EXPECT_EQ(metadata->status().detail, away.detail);

    server.start();
    EXPECT_EQ(ask_until_found(15s).metadata.name, "Ann");
    EXPECT_FALSE(metadata->status().is_away);
}

TEST_F(MongoComesAndGoes, a_quick_restart_between_two_lookups_is_not_noticed) {
    server.kill_9();
    server.start();

    EXPECT_EQ(ask().kind, Kind::found);
}

TEST_F(MongoComesAndGoes, frozen_it_is_away_within_seconds_and_then_at_once) {
    server.freeze();

    const auto begin = SteadyClock::now();
    EXPECT_EQ(ask().kind, Kind::away);
    EXPECT_LT(since(begin), 6s);
    const auto again = SteadyClock::now();
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(ask().kind, Kind::away);
    EXPECT_LT(since(again), 1s);

    server.thaw();
    EXPECT_EQ(ask_until_found(15s).metadata.name, "Ann");
}

TEST_F(MongoComesAndGoes, while_away_one_lookup_at_a_time_tries) {
    server.freeze();
    ASSERT_EQ(ask().kind, Kind::away);
    clock.move(2s);  // Time to try again.

    constexpr int crowd = 50;
    boost::asio::io_context io;
    std::vector<milliseconds> times(crowd);
    const auto timed_ask = [&](milliseconds& time) -> Task<void> {
        const auto begin = SteadyClock::now();
        std::vector<MetadataQuery> queries(1);
        queries.front().call_sid = "CA1";
        const auto answers = co_await metadata->find(std::move(queries));
        EXPECT_EQ(answers.at(0).kind, Kind::away);
        time = since(begin);
    };
    for (milliseconds& time : times) {
        boost::asio::co_spawn(io, timed_ask(time), [](const std::exception_ptr&) {});
    }
    io.run();

    EXPECT_EQ(std::count_if(times.begin(), times.end(), [](auto time) { return time > 500ms; }), 1);
    server.thaw();
}

TEST_F(MongoAway, never_there_does_not_stop_the_start) {
    server.kill_9();
    const auto begin = SteadyClock::now();

    metadata = std::make_unique<MongoMetadata>(settings(), MongoMapping{}, clock);
    EXPECT_LT(since(begin), 500ms);
    EXPECT_FALSE(metadata->status().is_away);
    const MetadataAnswer answer = ask();

    EXPECT_EQ(answer.kind, Kind::away);
    EXPECT_EQ(answer.detail, "no connection to MongoDB");
}

TEST_F(MongoAway, an_unknown_host_is_away) {
    const MongoSettings nowhere = settings_of("mongodb://no-such-host.invalid/d");
    metadata = std::make_unique<MongoMetadata>(nowhere, MongoMapping{}, clock);

    EXPECT_EQ(ask().detail, "MongoDB's host name was not found");
}

TEST_F(MongoAway, an_srv_record_that_cannot_be_looked_up_is_away) {
    const MongoSettings nowhere = settings_of("mongodb+srv://a.no-such-host.invalid/d");
    metadata = std::make_unique<MongoMetadata>(nowhere, MongoMapping{}, clock);

    EXPECT_EQ(ask().kind, Kind::away);
    clock.move(2s);
    EXPECT_EQ(ask().kind, Kind::away);
}

// The server knows no users, so that any log-in fails.
TEST_F(MongoAway, a_refused_log_in_is_away_and_names_no_credentials) {
    const MongoSettings intruder = settings_of(
        "mongodb://eve:s3cr3t@127.0.0.1:" + std::to_string(server.port()) + "/d?authSource=admin");
    metadata = std::make_unique<MongoMetadata>(intruder, MongoMapping{}, clock);

    const MetadataAnswer answer = ask();

    EXPECT_EQ(answer.kind, Kind::away);
    EXPECT_EQ(answer.detail, "MongoDB refused the log-in");
}

// The ids say nothing: something in between gives each question the answer to the one before.
TEST_F(MongoAway, an_answer_to_another_question_costs_one_lookup_and_the_connection) {
    Dialler{server.uri() + "/admin"}.write(
        "d", "calls",
        R"([{"callSid":"CA1","contactName":"Ann"},{"callSid":"CA2","contactName":"Bob"}])");
    Proxy proxy{server.port()};
    metadata =
        std::make_unique<MongoMetadata>(settings_of(proxy.uri() + "/d"), MongoMapping{}, clock);
    std::string body;
    proxy.damage_finds([&body](const std::string& answer) {
        constexpr std::size_t header_bytes = 16;
        if (body.empty()) {
            body = answer.substr(header_bytes);
            return answer;
        }
        return answer.substr(0, header_bytes) + std::exchange(body, answer.substr(header_bytes));
    });
    ASSERT_EQ(ask().metadata.name, "Ann");

    const MetadataAnswer late = find_one(*metadata, {"CA2", "", ""});
    EXPECT_EQ(late.kind, Kind::away);
    EXPECT_EQ(late.detail, "MongoDB answered another question than was asked");
    EXPECT_TRUE(metadata->status().is_away);
    proxy.damage_finds({});
    clock.move(2s);
    EXPECT_EQ(find_one(*metadata, {"CA2", "", ""}).metadata.name, "Bob");
    EXPECT_EQ(ask().metadata.name, "Ann");
    EXPECT_FALSE(metadata->status().is_away);
}

TEST_F(MongoAway, slow_reads_answer_late_and_hold_up_nobody_else) {
    Dialler{server.uri() + "/admin"}.write("d", "calls", calls);
    Proxy proxy{server.port()};
    metadata =
        std::make_unique<MongoMetadata>(settings_of(proxy.uri() + "/d"), MongoMapping{}, clock);
    ASSERT_EQ(ask().kind, Kind::found);

    proxy.delay(300ms);
    boost::asio::io_context io;
    int ticks_count = 0;
    bool is_done = false;
    const auto tick = [&]() -> Task<void> {
        boost::asio::steady_timer timer{io};
        while (!is_done) {
            timer.expires_after(10ms);
            co_await timer.async_wait(boost::asio::use_awaitable);
            ticks_count += 1;
        }
    };
    const auto look_up = [&]() -> Task<void> {
        std::vector<MetadataQuery> queries(1);
        queries.front().call_sid = "CA1";
        const auto answers = co_await metadata->find(std::move(queries));
        EXPECT_EQ(answers.at(0).kind, Kind::found);
        is_done = true;
    };
    boost::asio::co_spawn(io, tick(), [](const std::exception_ptr&) {});
    boost::asio::co_spawn(io, look_up(), [](const std::exception_ptr&) {});
    io.run();

    EXPECT_GE(ticks_count, 10);  // The loop went on while MongoDB took its time.
}

TEST_F(MongoAway, too_slow_is_away) {
    Dialler{server.uri() + "/admin"}.write("d", "calls", calls);
    Proxy proxy{server.port()};
    const MongoSettings impatient = settings_of(
        proxy.uri() + "/d?socketTimeoutMS=200&serverSelectionTimeoutMS=400&connectTimeoutMS=400");
    metadata = std::make_unique<MongoMetadata>(impatient, MongoMapping{}, clock);
    ASSERT_EQ(ask().kind, Kind::found);

    proxy.delay(1s);
    EXPECT_EQ(ask().kind, Kind::away);
    proxy.delay(0ms);
    clock.move(2s);
    EXPECT_EQ(ask_until_found(10s).kind, Kind::found);
}

// What libmongoc waits for may take as long as a clock was set back.
TEST(MongoHangs, a_lookup_is_answered_in_our_time_and_a_stop_leaves_it_behind) {
    TestClock clock;
    MongoLimits limits;
    limits.answer_max = 200ms;
    limits.stop_max = 200ms;
    auto metadata = std::make_unique<MongoMetadata>(
        settings_of("mongodb://127.0.0.1:1/d?serverSelectionTimeoutMS=30000"), MongoMapping{},
        clock, limits);
    const auto begin = SteadyClock::now();
    const MetadataAnswer answer = find_one(*metadata, {"CA1", "", "+614"});
    EXPECT_EQ(answer.kind, Kind::away);
    EXPECT_EQ(answer.detail, "MongoDB did not answer in time");
    EXPECT_TRUE(metadata->status().is_away);
    metadata.reset();
    EXPECT_LT(since(begin), 15s);
}

TEST_F(MongoAway, another_thread_takes_the_place_of_one_that_hangs) {
    Dialler{server.uri() + "/admin"}.write("d", "calls", calls);
    Proxy proxy{server.port()};
    MongoLimits limits;
    limits.threads_count = 1;
    limits.answer_max = 500ms;
    limits.stop_max = 200ms;
    metadata = std::make_unique<MongoMetadata>(
        settings_of(proxy.uri() + "/d?socketTimeoutMS=30000"), MongoMapping{}, clock, limits);
    ASSERT_EQ(ask_until_found(10s).kind, Kind::found);

    proxy.delay(8s);
    EXPECT_EQ(ask().detail, "MongoDB did not answer in time");
    proxy.delay(0ms);
    clock.move(2s);
    EXPECT_EQ(ask_until_found(6s).kind, Kind::found);
}

TEST_F(MongoAway, a_full_queue_answers_away_at_once) {
    Proxy proxy{server.port()};
    MongoLimits limits;
    limits.threads_count = 1;
    limits.waiting_queries_max = 10;
    metadata = std::make_unique<MongoMetadata>(settings_of(proxy.uri() + "/d"), MongoMapping{},
                                               clock, limits);
    ASSERT_EQ(ask().kind, Kind::not_yet);

    proxy.delay(200ms);
    boost::asio::io_context io;
    std::map<std::string, int> details;
    const auto look_up = [&]() -> Task<void> {
        std::vector<MetadataQuery> queries(1);
        queries.front().call_sid = "CA1";
        const auto answers = co_await metadata->find(std::move(queries));
        details[answers.at(0).detail] += 1;
    };
    for (int i = 0; i < 40; ++i) {
        boost::asio::co_spawn(io, look_up(), [](const std::exception_ptr&) {});
    }
    io.run();

    // At most ten are being read, and ten wait behind them.
    EXPECT_GE(details["too many lookups are waiting for MongoDB"], 20);
    EXPECT_GE(details[""], 10);
    EXPECT_FALSE(metadata->status().is_away);
}

// Lookups from four threads while the server is killed, frozen and restarted: each gets an answer,
// each answer is right, and afterwards everything is found.
TEST_F(MongoComesAndGoes, every_lookup_is_answered_whatever_happens) {
    std::atomic<bool> is_over = false;
    std::atomic<int> answers_count = 0;
    std::atomic<int> wrong_count = 0;
    std::vector<std::thread> askers;
    for (int i = 0; i < 4; ++i) {
        askers.emplace_back([&] {
            while (!is_over) {
                const MetadataAnswer answer = ask();
                const bool is_right = answer.kind == Kind::away ||
                                      (answer.kind == Kind::found && answer.metadata.name == "Ann");
                wrong_count += is_right ? 0 : 1;
                answers_count += 1;
                std::this_thread::sleep_for(1ms);
            }
        });
    }
    std::this_thread::sleep_for(300ms);
    server.kill_9();
    std::this_thread::sleep_for(500ms);
    server.start();
    std::this_thread::sleep_for(1s);
    server.freeze();
    std::this_thread::sleep_for(500ms);
    server.thaw();
    std::this_thread::sleep_for(500ms);
    is_over = true;
    for (std::thread& asker : askers) asker.join();

    EXPECT_GT(answers_count, 100);
    EXPECT_EQ(wrong_count, 0);
    EXPECT_EQ(ask_until_found(15s).kind, Kind::found);
}

TEST_F(MongoComesAndGoes, destroyed_while_lookups_wait_it_answers_them) {
    server.freeze();
    boost::asio::thread_pool io{1};
    std::latch answered{20};
    MongoMetadata& source = *metadata;
    const auto look_up = [&]() -> Task<void> {
        std::vector<MetadataQuery> queries(1);
        queries.front().call_sid = "CA1";
        const auto answers = co_await source.find(std::move(queries));
        EXPECT_EQ(answers.at(0).kind, Kind::away);
        answered.count_down();
    };
    for (int i = 0; i < 20; ++i) {
        boost::asio::co_spawn(io, look_up(), [](const std::exception_ptr&) {});
    }
    // The one thread comes to this when all lookups have been handed in.
    std::latch handed_in{1};
    boost::asio::post(io, [&handed_in] { handed_in.count_down(); });
    handed_in.wait();

    metadata.reset();
    answered.wait();
    io.join();
    server.thaw();
}

}  // namespace
}  // namespace wrapup
