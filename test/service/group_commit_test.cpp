#include "service/group_commit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <thread>

#include "service/root_task.hpp"
#include "sim/memory_store.hpp"
#include "test/metadata_conformance.hpp"
#include "test/service/workers.hpp"

namespace wrapup {
namespace {

NewEvent event_of(int number) {
    NewEvent event;
    event.kind = EventKind::twilio_status;
    event.call_sid = sid_number(number);
    event.dedup_key = "k" + std::to_string(number);
    event.received_at = t0;
    event.due_at = t0;
    event.payload = "{}";
    return event;
}

Task<void> submit_one(GroupCommit& commits, int number, std::atomic<int>& done_count) {
    StoreOp op = AppendEvent{event_of(number)};
    const StoreOutcome outcome = co_await commits.submit(op);
    EXPECT_TRUE(outcome.has_value());
    done_count += 1;
}

class GroupCommitOnOneThread : public testing::Test {
protected:
    boost::asio::io_context io{1};
    SimClock clock{io, t0};
    MemoryStore store;
    CountingMetrics metrics;
    GroupCommit commits{store, clock, metrics, io.get_executor()};
};

TEST_F(GroupCommitOnOneThread, what_comes_while_a_batch_is_committed_becomes_the_next_one) {
    std::atomic<int> done_count = 0;
    for (int i = 0; i < 300; ++i) {
        spawn_root(io.get_executor(), submit_one(commits, i, done_count));
    }
    io.run();
    EXPECT_EQ(done_count, 300);
    const auto& batches = metrics.seen[Histogram::commit_batch_ops];
    EXPECT_LE(batches.size(), 4U);
}

TEST_F(GroupCommitOnOneThread, a_flood_of_senders_holds_the_workers_back_for_a_moment_only) {
    std::atomic<int> done_count = 0;
    for (int i = 0; i < 15; ++i) spawn_root(io.get_executor(), submit_one(commits, i, done_count));
    io.run();
    EXPECT_FALSE(commits.is_under_pressure());
    io.restart();
    for (int i = 0; i < 40; ++i) {
        spawn_root(io.get_executor(), submit_one(commits, 100 + i, done_count));
    }
    io.run();
    EXPECT_TRUE(commits.is_under_pressure());
    bool is_through = false;
    const auto wait = [](GroupCommit& c, Clock& by, bool& through) -> Task<void> {
        co_await c.let_senders_first(by);
        through = true;
    };
    spawn_root(io.get_executor(), wait(commits, clock, is_through));
    EXPECT_EQ(clock.run(t0 + seconds{1}, ~0ULL, [&] { return is_through; }), SimClock::End::done);
    EXPECT_LE(clock.now(), t0 + milliseconds{40});
}

// Under ThreadSanitizer this is also the test that nothing is shared unguarded.
TEST(GroupCommit, serves_several_threads) {
    boost::asio::thread_pool committer(1);
    boost::asio::io_context first(1);
    boost::asio::io_context second(1);
    SimClock clock(first, t0);
    MemoryStore store;
    struct SilentMetrics final : Metrics {
        void count(Counter, std::string_view) override {}
        void observe(Histogram, double) override {}
    } metrics;
    GroupCommit commits(store, clock, metrics, committer.get_executor());
    std::atomic<int> told_count = 0;
    commits.on_calls_due([&](const auto& ids) { told_count += static_cast<int>(ids.size()); });
    std::atomic<int> done_count = 0;
    for (int i = 0; i < 500; ++i) {
        auto& io = i % 2 == 0 ? first : second;
        spawn_root(io.get_executor(), submit_one(commits, i, done_count));
    }
    std::thread other([&] { second.run(); });
    first.run();
    other.join();
    committer.join();
    EXPECT_EQ(done_count, 500);
    EXPECT_EQ(told_count, 500);
}

}  // namespace

// ---- Own metadata is a source like any other. ----

namespace {

class OwnHarness final : public MetadataHarness {
public:
    void add_call(const std::string& call_sid, const CallMetadata& metadata) override {
        write(PutMetadata{call_sid.empty() ? metadata.conversation_id : call_sid, metadata, t0});
    }
    void add_campaign(const Campaign& campaign) override { write(PutCampaign{campaign}); }
    void add_contact(const Contact& contact) override { write(PutContact{contact}); }
    Metadata& metadata() override { return own_; }
    MetadataAnswer::Kind kind_of_unknown() const override { return MetadataAnswer::Kind::absent; }

private:
    void write(StoreOp op) {
        const std::vector<StoreOp> ops{std::move(op)};
        ASSERT_TRUE(store_.commit(ops, t0).has_value());
    }

    MemoryStore store_;
    boost::asio::thread_pool reader_{1};
    BlockingPool reads_{reader_.get_executor()};
    OwnMetadata own_{store_, reads_};
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Own, MetadataConformance,
                         testing::Values([] { return std::make_unique<OwnHarness>(); }));

}  // namespace wrapup
