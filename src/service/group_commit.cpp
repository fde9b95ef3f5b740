#include "service/group_commit.hpp"

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

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

}  // namespace

struct GroupCommit::Waiter {
    virtual ~Waiter() = default;
    virtual void resume() = 0;
};

template <class Handler>
struct GroupCommit::WaiterOf final : Waiter {
    using Home = asio::associated_executor_t<Handler>;

    explicit WaiterOf(Handler handler)
        : guard(asio::get_associated_executor(handler)), handler_(std::move(handler)) {}
    void resume() override { asio::post(guard.get_executor(), std::move(handler_)); }

    asio::executor_work_guard<Home> guard;
    Handler handler_;
};

GroupCommit::GroupCommit(Store& store, const Clock& clock, Metrics& metrics,
                         asio::any_io_executor executor)
    : store_(store), clock_(clock), metrics_(metrics), executor_(executor), between_(executor) {}

GroupCommit::~GroupCommit() = default;

Task<StoreOutcome> GroupCommit::submit(StoreOp op) {
    const bool is_append = std::holds_alternative<AppendEvent>(op);
    StoreOutcome outcome = Error{Errc::unavailable, "the commit did not take place"};
    auto start = [this, &op, &outcome, is_append](auto handler) {
        using Concrete = WaiterOf<std::decay_t<decltype(handler)>>;
        enqueue({std::move(op), &outcome, std::make_unique<Concrete>(std::move(handler))},
                is_append);
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start,
                                                                         asio::use_awaitable);
    co_return std::move(outcome);
}

void GroupCommit::enqueue(Entry entry, bool is_append) {
    const std::lock_guard lock(mutex_);
    (is_append ? appends_ : others_).push_back(std::move(entry));
    if (is_scheduled_) return;
    is_scheduled_ = true;
    asio::post(executor_, [this] { commit_batch(); });
}

std::vector<GroupCommit::Entry> GroupCommit::take_batch() {
    std::vector<Entry> batch;
    const std::lock_guard lock(mutex_);
    const auto take = [&batch](std::deque<Entry>& from, std::size_t count_max) {
        for (std::size_t i = 0; i < count_max && !from.empty(); ++i) {
            batch.push_back(std::move(from.front()));
            from.pop_front();
        }
    };
    take(appends_, appends_per_batch_max);
    take(others_, others_per_batch_max);
    return batch;
}

void GroupCommit::commit_batch() {
    std::vector<Entry> batch = take_batch();
    std::vector<StoreOp> ops;
    ops.reserve(batch.size());
    for (Entry& entry : batch) ops.push_back(std::move(entry.op));

    const auto is_append = [](const StoreOp& op) {
        return std::holds_alternative<AppendEvent>(op);
    };
    if (static_cast<std::size_t>(std::ranges::count_if(ops, is_append)) >= flood_appends_min) {
        pressure_until_ms_.store(to_unix_ms(clock_.now() + flood_lasts), std::memory_order_relaxed);
    }
    auto outcomes = store_.commit(ops, clock_.now());
    metrics_.observe(Histogram::commit_batch_ops, static_cast<double>(ops.size()));
    if (outcomes) WRAPUP_ASSERT(outcomes->size() == ops.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (outcomes) {
            *batch[i].outcome = std::move((*outcomes)[i]);
            tell(ops[i], *batch[i].outcome);
        } else {
            *batch[i].outcome = outcomes.error();
        }
        batch[i].waiter->resume();
    }
    if (!outcomes) metrics_.count(Counter::store_errors, "commit");

    // Posted rather than looped, so that claims get their turn between batches.
    const std::lock_guard lock(mutex_);
    is_scheduled_ = !appends_.empty() || !others_.empty();
    if (is_scheduled_) asio::post(executor_, [this] { commit_batch(); });
}

bool GroupCommit::is_under_pressure() const {
    return to_unix_ms(clock_.now()) < pressure_until_ms_.load(std::memory_order_relaxed);
}

Task<void> GroupCommit::let_senders_first(Clock& clock) const {
    const UtcTime until = clock.now() + flood_patience;
    while (is_under_pressure() && clock.now() < until) {
        const UtcTime next = clock.now() + flood_lasts;
        co_await clock.sleep_until(next);
    }
}

void GroupCommit::tell(const StoreOp& op, const StoreOutcome& outcome) {
    if (!outcome) return;
    if (const auto* appended = std::get_if<Appended>(&*outcome)) {
        if (appended->is_due && wake_settler_) wake_settler_(appended->call_id);
    } else if (const auto* settled = std::get_if<Settled>(&*outcome)) {
        const auto* settle = std::get_if<SettleCall>(&op);
        if (settled->is_due && wake_settler_) wake_settler_(settle->call_id);
        const bool is_left = settled->delivery_ids.size() > (settled->claimed ? 1U : 0U);
        if (is_left && wake_courier_) wake_courier_();
    } else if (const auto* put = std::get_if<PutMetadata>(&op)) {
        if (wake_settler_) wake_settler_(put->call_id);
    } else if (const auto* released = std::get_if<ReleaseCall>(&op)) {
        if (wake_settler_) wake_settler_(released->call_id);
    } else if (std::holds_alternative<Unpark>(op) || std::holds_alternative<SetDestination>(op)) {
        if (wake_courier_) wake_courier_();
    }
}

}  // namespace wrapup
