#include "service/commit/group_commit.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <iterator>

namespace wrapup {
namespace asio = boost::asio;
namespace {

// Enough that a batch amortises its fsync, little enough that it does not keep a sender waiting.
constexpr std::size_t appends_per_batch_max = 256;
constexpr std::size_t others_per_batch_max = 128;

// So many appends in one batch are a flood, and one is taken to last a little.
constexpr std::size_t flood_appends_min = 16;
constexpr milliseconds flood_lasts{20};
constexpr milliseconds flood_patience{250};

// A commit that succeeded says for so long that the store can write.
constexpr milliseconds believed_for{1'000};
// And so long no store that refused a sender's event, unless it took another one since.
constexpr milliseconds doubted_for{5'000};

// How long a sender waits is counted in looks, which no setting of a clock changes.
constexpr milliseconds look_every{250};
constexpr int senders_looks = 19;

}  // namespace

GroupCommit::GroupCommit(StoreWrites& store, const Clock& clock, Metrics& metrics,
                         asio::any_io_executor executor)
    : store_(store), clock_(clock), metrics_(metrics), executor_(executor), between_(executor) {}

GroupCommit::~GroupCommit() = default;

Task<StoreOutcome> GroupCommit::submit(StoreOp& op, Patience patience) {
    const bool is_append = std::holds_alternative<AppendEvent>(op);
    Submission submission{op, Error{Errc::unavailable, "the commit did not take place"}};
    const int looks = patience == Patience::of_senders ? senders_looks : 0;
    const auto start = [this, &submission, is_append, looks](Resumption caller) {
        enqueue({&submission, std::move(caller), looks}, is_append);
    };
    co_await until_resumed(start);
    co_return std::move(submission.outcome);
}

void GroupCommit::enqueue(Entry entry, bool is_append) {
    const std::lock_guard lock(mutex_);
    (is_append ? appends_ : others_).push_back(std::move(entry));
    if (is_scheduled_) return;
    is_scheduled_ = true;
    asio::post(executor_, [this] { commit_batch(); });
}

GroupCommit::Batch GroupCommit::take_batch() {
    Batch batch;
    const std::lock_guard lock(mutex_);
    const auto take = [&batch = batch.entries](std::vector<Entry>& from, std::size_t count_max) {
        const auto end =
            from.begin() + static_cast<std::ptrdiff_t>(std::min(count_max, from.size()));
        std::move(from.begin(), end, std::back_inserter(batch));
        from.erase(from.begin(), end);
    };
    take(appends_, appends_per_batch_max);
    take(others_, others_per_batch_max);
    batch.is_burst = !appends_.empty();
    return batch;
}

void GroupCommit::commit_batch() {
    auto [batch, is_burst] = take_batch();
    std::vector<StoreOp> ops;
    ops.reserve(batch.size());
    for (Entry& entry : batch) {
        ops.push_back(std::move(entry.submission->op));
        // Whoever waits in a burst is acknowledged first.
        if (auto* const append = std::get_if<AppendEvent>(&ops.back())) {
            append->settler = is_burst ? nullptr : settler_;
        }
    }

    const auto is_append = [](const StoreOp& op) {
        return std::holds_alternative<AppendEvent>(op);
    };
    if (static_cast<std::size_t>(std::ranges::count_if(ops, is_append)) >= flood_appends_min) {
        pressure_until_ms_.store(to_unix_ms(clock_.now() + flood_lasts), std::memory_order_relaxed);
    }
    {
        const std::lock_guard lock(mutex_);
        in_batch_ = std::move(batch);
    }
    auto outcomes = commit(ops);
    {
        const std::lock_guard lock(mutex_);
        batch = std::exchange(in_batch_, {});
    }
    metrics_.observe(Histogram::commit_batch_ops, static_cast<double>(ops.size()));
    if (outcomes) WRAPUP_ASSERT(outcomes->size() == ops.size());
    // Before anybody is told of news: those who hold a call since this batch have to hear it.
    if (settler_ != nullptr) settler_->batch_ended(outcomes ? &*outcomes : nullptr);
    if (outcomes) {
        note_sweeps(ops, *outcomes);
        wake_workers(ops, *outcomes);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (batch[i].submission == nullptr) continue;
        Submission& submission = *batch[i].submission;
        submission.op = std::move(ops[i]);
        if (outcomes) {
            submission.outcome = std::move((*outcomes)[i]);
        } else {
            submission.outcome = outcomes.error();
        }
    }
    std::erase_if(batch, [](const Entry& entry) { return entry.submission == nullptr; });
    send_home(std::move(batch));
    post_sweep();

    // Posted rather than looped, so that claims get their turn between batches.
    const std::lock_guard lock(mutex_);
    is_scheduled_ = !appends_.empty() || !others_.empty();
    if (is_scheduled_) asio::post(executor_, [this] { commit_batch(); });
}

Result<std::vector<StoreOutcome>> GroupCommit::commit(const std::vector<StoreOp>& ops) {
    const UtcTime now = clock_.now();
    Result<std::vector<StoreOutcome>> outcomes = Error{Errc::unavailable, "out of memory"};
    try {
        outcomes = store_.commit(ops, now);
    } catch (const std::exception&) {
        // Nobody knows what was applied; whoever waits is told so.
    }
    written_at_ms_.store(outcomes ? to_unix_ms(now) : 0, std::memory_order_relaxed);
    if (!outcomes) metrics_.count(Counter::store_errors, "commit");
    const auto is_append = [](const StoreOp& op) {
        return std::holds_alternative<AppendEvent>(op);
    };
    if (std::ranges::any_of(ops, is_append)) {
        if (outcomes) append_refused_at_ms_.store(0, std::memory_order_relaxed);
        if (!outcomes) note_refused_append(now);
    }
    return outcomes;
}

void GroupCommit::note_refused_append(UtcTime now) {
    append_refused_at_ms_.store(to_unix_ms(now), std::memory_order_relaxed);
    if (tell_append_refused_) tell_append_refused_();
}

// ---- Senders who wait for too long ----

Task<void> GroupCommit::answer_in_time(Clock& clock) {
    for (;;) {
        const UtcTime until = clock.now() + look_every;
        co_await clock.sleep_until(until);
        give_up_overdue();
    }
}

// So a store that hangs holds no more of what was sent than there are senders who wait, and what
// it is at.
void GroupCommit::give_up_overdue() {
    std::vector<Entry> overdue;
    bool has_append = false;
    {
        const std::lock_guard lock(mutex_);
        for (std::vector<Entry>* const waiting : {&in_batch_, &appends_, &others_}) {
            for (Entry& entry : *waiting) {
                if (entry.looks_left == 0 || --entry.looks_left > 0) continue;
                Submission& submission = *std::exchange(entry.submission, nullptr);
                submission.outcome = Error{Errc::unavailable, "the store did not answer in time"};
                has_append |= std::holds_alternative<AppendEvent>(submission.op);
                overdue.push_back({&submission, std::move(entry.caller)});
            }
        }
        const auto is_gone = [](const Entry& entry) { return entry.submission == nullptr; };
        std::erase_if(appends_, is_gone);
        std::erase_if(others_, is_gone);
    }
    if (has_append) note_refused_append(clock_.now());
    send_home(std::move(overdue));
}

// ---- Sweeps ----

void GroupCommit::resume_sweeps(CallQueries& queries) {
    asio::post(executor_, [this, &queries] {
        const auto rows = queries.destinations();
        if (!rows) return;
        for (const DestinationRow& row : *rows) {
            if (row.is_sweeping) sweeping_.insert(row.name);
        }
        post_sweep();
    });
}

void GroupCommit::note_sweeps(const std::vector<StoreOp>& ops,
                              const std::vector<StoreOutcome>& outcomes) {
    for (std::size_t i = 0; i < ops.size(); ++i) {
        const auto* swept = outcomes[i] ? std::get_if<Swept>(&*outcomes[i]) : nullptr;
        if (swept == nullptr || !swept->has_more) continue;
        if (const auto* set = std::get_if<SetDestination>(&ops[i])) sweeping_.insert(set->name);
    }
}

// Posted, so that whoever waits meanwhile comes before each slice.
void GroupCommit::post_sweep() {
    if (sweeping_.empty() || is_sweep_posted_ || are_sweeps_stopped_) return;
    is_sweep_posted_ = true;
    asio::post(executor_, [this] { sweep_slice_of_one(); });
}

void GroupCommit::sweep_slice_of_one() {
    is_sweep_posted_ = false;
    const std::string name = *sweeping_.begin();
    const std::vector<StoreOp> ops{SweepDestination{name}};
    const auto outcomes = commit(ops);
    if (!outcomes) return;  // Gone on with after the next batch.
    const auto* swept = outcomes->front() ? std::get_if<Swept>(&*outcomes->front()) : nullptr;
    if (swept == nullptr || !swept->has_more) sweeping_.erase(name);
    wake_workers(ops, *outcomes);
    post_sweep();
}

Task<bool> GroupCommit::can_write() {
    // What is small may fit where a sender's event did not.
    const auto refused_at_ms = append_refused_at_ms_.load(std::memory_order_relaxed);
    const milliseconds refused_for = clock_.now() - from_unix_ms(refused_at_ms);
    const bool is_lately = std::chrono::abs(refused_for) < doubted_for;  // The clock may be set.
    if (refused_at_ms != 0 && is_lately) co_return false;
    const UtcTime written_at = from_unix_ms(written_at_ms_.load(std::memory_order_relaxed));
    if (clock_.now() - written_at < believed_for && clock_.now() >= written_at) co_return true;
    StoreOp probe = Probe{};
    const StoreOutcome outcome = co_await submit(probe, Patience::of_senders);
    co_return outcome.has_value();
}

// One wake-up for all whose home is the same: to wake a thread costs as much as to commit for it.
void GroupCommit::send_home(std::vector<Entry> batch) const {
    while (!batch.empty()) {
        const asio::any_io_executor home = batch.front().caller.home();
        const auto elsewhere = std::stable_partition(
            batch.begin(), batch.end(),
            [&home](const Entry& entry) { return entry.caller.home() == home; });
        std::vector<Entry> here(std::make_move_iterator(batch.begin()),
                                std::make_move_iterator(elsewhere));
        batch.erase(batch.begin(), elsewhere);
        // It must not end, and be destroyed, before this has returned.
        const auto guard = asio::make_work_guard(home);
        asio::post(home, [here = std::move(here)]() mutable {
            for (Entry& entry : here) entry.caller.resume();
        });
    }
}

bool GroupCommit::is_under_pressure() const {
    const std::int64_t until_ms = pressure_until_ms_.load(std::memory_order_relaxed);
    const milliseconds left{until_ms - to_unix_ms(clock_.now())};
    return left > milliseconds{0} && left <= flood_lasts;  // More only after a clock was set back.
}

Task<void> GroupCommit::let_senders_first(Clock& clock) const {
    const UtcTime until = clock.now() + flood_patience;
    while (is_under_pressure() && clock.now() < until) {
        const UtcTime next = clock.now() + flood_lasts;
        co_await clock.sleep_until(next);
    }
}

void GroupCommit::wake_workers(const std::vector<StoreOp>& ops,
                               const std::vector<StoreOutcome>& outcomes) {
    std::vector<std::string> due_calls;
    bool has_deliveries = false;
    bool has_listed = false;
    for (std::size_t i = 0; i < ops.size(); ++i) {
        if (!outcomes[i]) continue;
        const StoreOp& op = ops[i];
        if (const auto* appended = std::get_if<Appended>(&*outcomes[i])) {
            if (appended->is_due) due_calls.push_back(appended->call_id);
            has_listed |= std::get<AppendEvent>(op).event.opts_out;
            if (const auto& settled = appended->settled) {
                has_deliveries |= settled->delivery_ids.size() > settled->claimed.size();
            }
        } else if (const auto* settled = std::get_if<Settled>(&*outcomes[i])) {
            if (settled->is_due) due_calls.push_back(std::get<SettleCall>(op).call_id);
            has_deliveries |= settled->delivery_ids.size() > settled->claimed.size();
        } else if (const auto* put = std::get_if<PutMetadata>(&op)) {
            due_calls.push_back(put->call_id);
        } else if (const auto* released = std::get_if<ReleaseCall>(&op)) {
            due_calls.push_back(released->call_id);
        } else {
            has_listed |= std::holds_alternative<PutDoNotCall>(op);
            has_deliveries |= std::holds_alternative<Unpark>(op) ||
                              std::holds_alternative<SetDestination>(op) ||
                              std::holds_alternative<SweepDestination>(op) ||
                              std::holds_alternative<AdvanceReplay>(op);
        }
    }
    if (!due_calls.empty() && wake_settler_) wake_settler_(std::move(due_calls));
    if (has_deliveries && wake_courier_) wake_courier_();
    if (has_listed && wake_placer_) wake_placer_();
}

}  // namespace wrapup
