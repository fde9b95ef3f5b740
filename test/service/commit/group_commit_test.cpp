#include "service/commit/group_commit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <latch>
#include <thread>

#include "service/tasks/root_task.hpp"
#include "sim/fault_store.hpp"
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

// Hands its appends in while a sweep is under way, and remembers what the store still had to do.
Task<void> append_and_look(GroupCommit& commits, CallQueries& store, int number,
                           std::vector<std::int64_t>& pending_counts) {
    StoreOp op = AppendEvent{event_of(number)};
    const StoreOutcome outcome = co_await commits.submit(op);
    EXPECT_TRUE(outcome.has_value());
    pending_counts.push_back(store.counts()->deliveries_pending());
}

void make_pending(Store& store, int count) {
    std::vector<StoreOp> ops;
    for (int i = 0; i < count; ++i) ops.push_back(AppendEvent{event_of(i)});
    ASSERT_TRUE(store.commit(ops, t0));
    ops.clear();
    const auto claims = store.claim_calls(t0, seconds{60}, count);
    for (const ClaimedCall& claimed : *claims) {
        SettleCall op;
        op.call_id = claimed.call.id;
        op.fence = claimed.fence;
        op.seen_events_count = claimed.call.events_count;
        SettleCall::Fix fix;
        fix.body = "{}";
        fix.deliveries.push_back({"crm", "msg_1", {}, std::nullopt});
        op.then = std::move(fix);
        ops.push_back(std::move(op));
    }
    ASSERT_TRUE(store.commit(ops, t0));
    ASSERT_EQ(store.counts()->deliveries_pending(), count);
}

Task<void> set_destination(GroupCommit& commits, DestinationState state) {
    StoreOp op = SetDestination{"crm", state, t0};
    const StoreOutcome outcome = co_await commits.submit(op);
    EXPECT_TRUE(outcome.has_value());
}

TEST_F(GroupCommitOnOneThread, senders_come_between_the_slices_of_a_destination_that_is_gone) {
    make_pending(store, 9 * sweep_slice);
    std::vector<std::int64_t> pending_counts;
    const auto senders = [](GroupCommit& c, CallQueries& s,
                            std::vector<std::int64_t>& seen) -> Task<void> {
        co_await set_destination(c, DestinationState::gone);
        for (int i = 0; i < 3; ++i) co_await append_and_look(c, s, 10'000 + i, seen);
    };
    spawn_root(io.get_executor(), senders(commits, store, pending_counts));
    io.run();
    ASSERT_EQ(pending_counts.size(), 3U);
    EXPECT_GT(pending_counts[0], 0);
    EXPECT_GT(pending_counts[0], pending_counts[1]);
    EXPECT_GT(pending_counts[1], pending_counts[2]);
    EXPECT_EQ(store.counts()->deliveries_pending(), 0);
    EXPECT_FALSE(store.destinations()->front().is_sweeping);
}

TEST_F(GroupCommitOnOneThread, a_resume_wakes_the_courier_with_each_slice) {
    make_pending(store, 2 * sweep_slice + 1);
    spawn_root(io.get_executor(), set_destination(commits, DestinationState::gone));
    io.run();
    io.restart();
    int woken_count = 0;
    commits.on_delivery_due([&] { woken_count += 1; });
    spawn_root(io.get_executor(), set_destination(commits, DestinationState::active));
    io.run();
    EXPECT_EQ(woken_count, 3);
    EXPECT_EQ(store.counts()->deliveries_pending(), 2 * sweep_slice + 1);
}

TEST_F(GroupCommitOnOneThread, a_number_that_is_listed_wakes_the_placer) {
    int woken_count = 0;
    commits.on_number_listed([&] { woken_count += 1; });
    const auto list = [](GroupCommit& c) -> Task<void> {
        StoreOp told = PutDoNotCall{{{"+61413052898", "", "api", t0}}};
        const StoreOutcome put = co_await c.submit(told);
        EXPECT_TRUE(put.has_value());
        NewEvent event = event_of(1);
        event.opts_out = true;
        event.to = "+61413052899";
        StoreOp said = AppendEvent{std::move(event)};
        const StoreOutcome appended = co_await c.submit(said);
        EXPECT_TRUE(appended.has_value());
    };
    spawn_root(io.get_executor(), list(commits));
    io.run();
    EXPECT_EQ(woken_count, 2);
}

TEST_F(GroupCommitOnOneThread, a_sweep_that_a_process_did_not_end_is_ended_by_the_next) {
    make_pending(store, 3 * sweep_slice);
    const std::vector<StoreOp> gone{SetDestination{"crm", DestinationState::gone, t0}};
    ASSERT_TRUE(store.commit(gone, t0));
    ASSERT_EQ(store.counts()->deliveries_pending(), 2 * sweep_slice);
    commits.resume_sweeps(store);
    io.run();
    EXPECT_EQ(store.counts()->deliveries_pending(), 0);
}

// ---- Whether it can write ----

class RefusingStore : public FaultStore {
public:
    explicit RefusingStore(EmbeddedStore& behind)
        : FaultStore(behind, Prng{1}, {.refused = {1, 1}, .lost = {0, 1}, .unread = {0, 1}},
                     [this] { return is_refusing; }) {}
    bool is_refusing = false;
};

TEST(GroupCommit, says_whether_it_can_write_by_writing) {
    boost::asio::io_context io{1};
    SimClock clock{io, t0};
    MemoryStore memory;
    RefusingStore store{memory};
    CountingMetrics metrics;
    GroupCommit commits{store, clock, metrics, io.get_executor()};
    const auto can_write = [&] {
        std::optional<bool> answer;
        const auto ask = [](GroupCommit& c, std::optional<bool>& out) -> Task<void> {
            out = co_await c.can_write();
        };
        spawn_root(io.get_executor(), ask(commits, answer));
        clock.run(clock.now() + seconds{1}, ~0ULL, [&] { return answer.has_value(); });
        return answer;
    };
    const auto pass = [&](milliseconds time) {
        bool is_over = false;
        const auto sleep = [](Clock& c, UtcTime until, bool& over) -> Task<void> {
            co_await c.sleep_until(until);
            over = true;
        };
        spawn_root(io.get_executor(), sleep(clock, clock.now() + time, is_over));
        clock.run(clock.now() + time, ~0ULL, [&] { return is_over; });
    };
    EXPECT_EQ(can_write(), true);
    store.is_refusing = true;
    EXPECT_EQ(can_write(), true);  // It wrote a moment ago.
    pass(milliseconds{1'000});
    EXPECT_EQ(can_write(), false);
    EXPECT_EQ(can_write(), false);
    store.is_refusing = false;
    EXPECT_EQ(can_write(), true);
}

// A nearly full disk: what is small fits where a sender's event does not.
TEST(GroupCommit, a_store_that_refused_an_event_is_doubted_until_it_takes_one) {
    boost::asio::io_context io{1};
    SimClock clock{io, t0};
    MemoryStore memory;
    RefusingStore store{memory};
    CountingMetrics metrics;
    GroupCommit commits{store, clock, metrics, io.get_executor()};
    std::optional<bool> answer;
    std::optional<bool> is_stored;
    const auto ask = [](GroupCommit& c, std::optional<bool>& out) -> Task<void> {
        out = co_await c.can_write();
    };
    const auto append = [](GroupCommit& c, StoreOp op, std::optional<bool>& out) -> Task<void> {
        const StoreOutcome outcome = co_await c.submit(op);
        out = outcome.has_value();
    };
    const auto can_write = [&] {
        answer.reset();
        spawn_root(io.get_executor(), ask(commits, answer));
        clock.run(clock.now() + seconds{1}, ~0ULL, [&] { return answer.has_value(); });
        return answer;
    };
    const auto stores = [&](int number) {
        is_stored.reset();
        spawn_root(io.get_executor(), append(commits, AppendEvent{event_of(number)}, is_stored));
        clock.run(clock.now() + seconds{1}, ~0ULL, [&] { return is_stored.has_value(); });
        return is_stored;
    };
    store.is_refusing = true;
    EXPECT_EQ(stores(1), false);
    store.is_refusing = false;
    EXPECT_EQ(can_write(), false);
    EXPECT_EQ(stores(2), true);
    EXPECT_EQ(can_write(), true);
}

class ThrowingStore : public FaultStore {
public:
    explicit ThrowingStore(EmbeddedStore& behind)
        : FaultStore(behind, Prng{1}, {}, [] { return false; }) {}
    Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp>, UtcTime) override {
        throw std::bad_alloc();
    }
};

TEST(GroupCommit, a_store_that_throws_is_an_error_and_not_the_end_of_the_process) {
    boost::asio::io_context io{1};
    SimClock clock{io, t0};
    MemoryStore memory;
    ThrowingStore store{memory};
    CountingMetrics metrics;
    GroupCommit commits{store, clock, metrics, io.get_executor()};
    QuietLog log;
    Intake intake{commits, clock, log, metrics};
    std::optional<Errc> code;
    const auto append = [](Intake& to, std::optional<Errc>& out) -> Task<void> {
        NewEvent event = event_of(1);
        const auto appended = co_await to.append(std::move(event));
        if (!appended) out = appended.error().code;
    };
    for (int i = 0; i < 25; ++i) {
        code.reset();
        spawn_root(io.get_executor(), append(intake, code));
        io.run();
        io.restart();
        EXPECT_EQ(code, Errc::unavailable);
    }
    // What cannot be stored is told ten times a minute at most.
    EXPECT_EQ(log.messages.size(), 10U);
}

TEST(GroupCommit, an_opt_out_that_tells_no_number_is_told_to_the_log) {
    boost::asio::io_context io{1};
    SimClock clock{io, t0};
    MemoryStore store;
    CountingMetrics metrics;
    GroupCommit commits{store, clock, metrics, io.get_executor()};
    QuietLog log;
    Intake intake{commits, clock, log, metrics};
    const auto append = [](Intake& to, std::string number) -> Task<void> {
        NewEvent event = event_of(number.empty() ? 1 : 2);
        event.opts_out = true;
        event.to = std::move(number);
        const auto appended = co_await to.append(std::move(event));
        EXPECT_TRUE(appended);
    };
    spawn_root(io.get_executor(), append(intake, "+61413052898"));
    io.run();
    const auto is_warning = [](const LogLine& line) { return line.level == LogLevel::warning; };
    EXPECT_TRUE(std::ranges::none_of(log.lines, is_warning));
    io.restart();
    spawn_root(io.get_executor(), append(intake, ""));
    io.run();
    EXPECT_EQ(std::ranges::count_if(log.lines, is_warning), 1);
}

// ---- A store that hangs ----

class HeldStore : public FaultStore {
public:
    explicit HeldStore(EmbeddedStore& behind)
        : FaultStore(behind, Prng{1}, {}, [] { return false; }) {}
    Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) override {
        if (!is_held.try_wait()) is_held.count_down();
        is_let_go.wait();
        return FaultStore::commit(ops, now);
    }
    std::latch is_held{1};
    std::latch is_let_go{1};
};

struct SilentMetrics final : Metrics {
    void count(Counter, std::string_view) override {}
    void observe(Histogram, double) override {}
};

Task<void> submit_and_note(GroupCommit& commits, StoreOp op, GroupCommit::Patience patience,
                           std::optional<StoreOutcome>& out) {
    out = co_await commits.submit(op, patience);
}

TEST(GroupCommit, a_sender_is_answered_in_time_whatever_the_store_is_at) {
    boost::asio::thread_pool committer(1);
    boost::asio::io_context io(1);
    SimClock clock(io, t0);
    MemoryStore memory;
    HeldStore store{memory};
    SilentMetrics metrics;
    GroupCommit commits(store, clock, metrics, committer.get_executor());
    std::atomic<int> refused_count = 0;
    commits.on_append_refused([&] { refused_count += 1; });
    spawn_root(io.get_executor(), commits.answer_in_time(clock));
    std::optional<StoreOutcome> under_way;
    std::optional<StoreOutcome> waiting;
    std::optional<StoreOutcome> workers;
    const auto submit = [&](StoreOp op, GroupCommit::Patience patience, auto& out) {
        spawn_root(io.get_executor(), submit_and_note(commits, std::move(op), patience, out));
        clock.run(clock.now() + milliseconds{1}, ~0ULL, [] { return false; });
    };
    submit(AppendEvent{event_of(1)}, GroupCommit::Patience::of_senders, under_way);
    store.is_held.wait();
    submit(AppendEvent{event_of(2)}, GroupCommit::Patience::of_senders, waiting);
    submit(Probe{}, GroupCommit::Patience::endless, workers);

    clock.run(t0 + seconds{5}, ~0ULL, [&] { return under_way && waiting; });
    ASSERT_TRUE(under_way && waiting) << "a sender waits for 5 s";
    EXPECT_EQ(under_way->error().code, Errc::unavailable);
    EXPECT_EQ(waiting->error().code, Errc::unavailable);
    EXPECT_FALSE(workers);
    EXPECT_GE(refused_count, 1);

    // What the store was at is stored late; what it never heard of never is.
    store.is_let_go.count_down();
    committer.join();
    clock.run(clock.now() + seconds{1}, ~0ULL, [&] { return workers.has_value(); });
    ASSERT_TRUE(workers);
    EXPECT_TRUE(workers->has_value());
    EXPECT_TRUE(memory.find_story(sid_number(1)));
    EXPECT_FALSE(memory.find_story(sid_number(2)));
}

// Under ThreadSanitizer this is also the test that nothing is shared unguarded.
TEST(GroupCommit, serves_several_threads) {
    boost::asio::thread_pool committer(1);
    boost::asio::io_context first(1);
    boost::asio::io_context second(1);
    SimClock clock(first, t0);
    MemoryStore store;
    SilentMetrics metrics;
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
