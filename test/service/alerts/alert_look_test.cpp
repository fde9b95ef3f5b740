// What holds is judged when somebody asks.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "service/alerts/alert_watch.hpp"
#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::milliseconds;

class NoTransport final : public HttpTransport {
public:
    Task<HttpAnswer> send(HttpRequest /*request*/) override { co_return HttpAnswer{}; }
};

class AlertLookTest : public testing::Test {
protected:
    ~AlertLookTest() override {
        watch.stop();
        w.run_for(seconds{11});
    }
    AlertWatch::Ports ports(BlockingPool& reads) {
        AlertWatch::Ports all{w.clock, w.store, reads, transport, ears, w.log, {}, {}};
        all.crm = [this] { return std::vector{CrmAnswered{"crm", w.courier().refusal()}}; };
        return all;
    }
    std::string asked() {
        std::string keys;
        for (const AlertCondition& one : w.await(watch.look_now())) keys += one.key + " ";
        return keys;
    }

    Workers w;
    NoTransport transport;
    AlertEars ears{w.metrics};
    AlertWatch watch{ports(w.reads), {}};
};

TEST_F(AlertLookTest, what_has_changed_since_the_last_look_is_told) {
    spawn_root(w.io.get_executor(), watch.run());
    w.crm.answers.push_back(ScriptedCrm::status(401));
    w.run_for(seconds{1});
    EXPECT_EQ(asked(), "");
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_EQ(asked(), "crm_refuses:crm ");
    ASSERT_TRUE(w.send(sid_a));
    w.run_for(seconds{1});
    EXPECT_EQ(asked(), "") << "long before the next look";
}

TEST_F(AlertLookTest, all_who_ask_at_once_are_answered) {
    spawn_root(w.io.get_executor(), watch.run());
    w.run_for(seconds{1});
    w.crm.answers.push_back(ScriptedCrm::status(401));
    w.busy(sid_a);
    w.run_for(seconds{1});
    int answered = 0;
    const auto ask = [&]() -> Task<void> {
        auto look = watch.look_now();
        const auto holding = co_await std::move(look);
        answered += static_cast<int>(holding.size());
    };
    for (int i = 0; i < 3; ++i) spawn_root(w.io.get_executor(), ask());
    w.run_for(milliseconds{100});
    EXPECT_EQ(answered, 3);
}

TEST_F(AlertLookTest, a_store_that_hangs_holds_up_no_answer) {
    boost::asio::io_context frozen;
    BlockingPool hangs(frozen.get_executor());
    AlertWatch next(ports(hangs), {});
    spawn_root(w.io.get_executor(), next.run());
    const UtcTime from = w.clock.now();
    EXPECT_TRUE(w.await(next.look_now()).empty());
    EXPECT_EQ(w.clock.now() - from, seconds{1});
    next.stop();
    frozen.poll();
    w.run_for(seconds{1});
}

TEST_F(AlertLookTest, a_burst_counts_the_same_however_often_is_asked) {
    spawn_root(w.io.get_executor(), watch.run());
    w.run_for(seconds{1});
    for (int i = 0; i < 12; ++i) {
        ears.count(Counter::rejected, "bad_signature");
        (void)asked();
        w.run_for(milliseconds{100});
    }
    EXPECT_EQ(asked(), "refused ");
    w.run_for(std::chrono::minutes{6});
    EXPECT_EQ(asked(), "");
}

TEST_F(AlertLookTest, a_burst_is_counted_on_when_the_clock_is_set_back) {
    spawn_root(w.io.get_executor(), watch.run());
    w.run_for(seconds{1});
    for (int i = 0; i < 12; ++i) {
        ears.count(Counter::rejected, "bad_signature");
        (void)asked();
        w.run_for(milliseconds{100});
    }
    w.clock.set(-std::chrono::hours{1});
    EXPECT_EQ(asked(), "refused ");
    w.run_for(std::chrono::minutes{6});
    EXPECT_EQ(asked(), "");
}

TEST_F(AlertLookTest, a_full_disk_is_told_with_a_command_that_shows_it) {
    AlertWatch::Ports with_disk = ports(w.reads);
    std::uint64_t left = 100;
    with_disk.disk = [&left] { return DiskSpace{left << 20, std::uint64_t{100} << 30}; };
    AlertWatch next(with_disk, {"", false, "/var/lib/wrap up"});
    spawn_root(w.io.get_executor(), next.run());
    auto told = w.await(next.look_now());
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].text,
              "the disk of the data folder is nearly full: 100 MiB are left; what cannot be stored "
              "is answered 503");
    EXPECT_EQ(told[0].next, "make room: df -h '/var/lib/wrap up'");
    left = 0;
    told = w.await(next.look_now());
    ASSERT_EQ(told.size(), 1U);
    EXPECT_NE(told[0].text.find("data folder is full;"), std::string::npos);
    next.stop();
    w.run_for(seconds{11});
}

}  // namespace
}  // namespace wrapup
