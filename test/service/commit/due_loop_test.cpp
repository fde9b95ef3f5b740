#include "service/commit/due_loop.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <set>
#include <string>
#include <vector>

#include "service/tasks/root_task.hpp"
#include "sim/memory_store.hpp"
#include "sim/sim_clock.hpp"
#include "test/service/workers.hpp"

namespace wrapup {
namespace {

// Work that is due at a time, and stays in progress until the test ends it.
class Errands final : public DueLoop::Worker {
public:
    Task<Result<std::size_t>> claim_due(UtcTime now, int count_max) override {
        claims_at.push_back(now);
        if (trouble) co_return *trouble;
        std::size_t count = 0;
        while (!due.empty() && *due.begin() <= now && std::cmp_less(count, count_max)) {
            due.erase(due.begin());
            loop->enter();
            count += 1;
        }
        claimed_count += count;
        co_return count;
    }
    Result<std::optional<UtcTime>> next_due() override {
        if (due.empty()) return std::optional<UtcTime>{};
        return std::optional<UtcTime>{*due.begin()};
    }
    void store_failed(std::string_view doing, const Error&) override {
        failures.emplace_back(doing);
    }

    DueLoop* loop = nullptr;
    std::multiset<UtcTime> due;
    std::optional<Error> trouble;
    std::size_t claimed_count = 0;
    std::vector<UtcTime> claims_at;
    std::vector<std::string> failures;
};

Task<void> run_to_the_end(DueLoop& loop, bool& has_ended) {
    co_await loop.run();
    has_ended = true;
}

class DueLoopTest : public testing::Test {
protected:
    DueLoopTest() {
        errands.loop = &loop;
        spawn_root(io.get_executor(), run_to_the_end(loop, has_ended));
    }
    ~DueLoopTest() override {
        loop.stop();
        while (errands.claimed_count > left_count) leave();
        run_for(seconds{10});
        EXPECT_TRUE(has_ended);
    }

    void run_for(milliseconds time) {
        clock.run(clock.now() + time, 100'000, [] { return false; });
    }
    void leave() {
        left_count += 1;
        loop.leave();
    }

    boost::asio::io_context io{1};
    SimClock clock{io, t0};
    MemoryStore store;
    CountingMetrics metrics;
    BlockingPool reads{io.get_executor()};
    GroupCommit commits{store, clock, metrics, io.get_executor()};
    Errands errands;
    DueLoop loop{{clock, reads, commits}, {3, 2, 1}, errands};
    std::size_t left_count = 0;
    bool has_ended = false;
};

TEST_F(DueLoopTest, holds_no_more_than_its_limit_and_goes_on_as_soon_as_one_leaves) {
    for (int i = 0; i < 5; ++i) errands.due.insert(t0);
    run_for(seconds{60});
    EXPECT_EQ(errands.claimed_count, 3U);
    leave();
    run_for(milliseconds{1});
    EXPECT_EQ(errands.claimed_count, 4U);
}

TEST_F(DueLoopTest, sleeps_until_the_next_one_is_due) {
    errands.due.insert(t0 + seconds{3});
    run_for(seconds{4});
    EXPECT_EQ(errands.claims_at, (std::vector<UtcTime>{t0, t0 + seconds{3}}));
    EXPECT_EQ(errands.claimed_count, 1U);
}

TEST_F(DueLoopTest, what_is_made_due_earlier_wakes_it_and_what_is_later_does_not) {
    errands.due.insert(t0 + seconds{4});
    run_for(seconds{1});
    loop.wake_at(t0 + seconds{5});
    run_for(milliseconds{1});
    EXPECT_EQ(errands.claims_at.size(), 1U);
    errands.due.insert(t0 + seconds{2});
    loop.wake_at(t0 + seconds{2});
    run_for(seconds{2});
    EXPECT_EQ(errands.claimed_count, 1U);
}

TEST_F(DueLoopTest, a_store_in_trouble_is_told_of_and_asked_again_each_second) {
    run_for(milliseconds{1});
    errands.trouble = Error{Errc::unavailable, "full"};
    loop.wake();
    run_for(milliseconds{3'500});
    EXPECT_EQ(errands.failures, (std::vector<std::string>(4, "claim")));
    errands.trouble.reset();
    errands.due.insert(t0);
    run_for(seconds{1});
    EXPECT_EQ(errands.claimed_count, 1U);
}

TEST_F(DueLoopTest, a_stop_waits_for_what_is_in_progress_and_claims_nothing_more) {
    errands.due.insert(t0);
    run_for(milliseconds{1});
    loop.stop();
    errands.due.insert(t0);
    run_for(seconds{30});
    EXPECT_FALSE(has_ended);
    leave();
    run_for(milliseconds{1});
    EXPECT_TRUE(has_ended);
    EXPECT_EQ(errands.claimed_count, 1U);
}

}  // namespace
}  // namespace wrapup
