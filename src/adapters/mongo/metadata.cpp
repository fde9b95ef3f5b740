#include "adapters/mongo/metadata.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "adapters/mongo/errors.hpp"
#include "adapters/mongo/reader.hpp"
#include "adapters/mongo/source_health.hpp"
#include "ports/resumption.hpp"

namespace wrapup {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Started in the place of those that hang.
constexpr std::size_t spare_threads_max = 6;

struct Batch;

// One call of find(). Shared, so that a coroutine that is destroyed while it waits takes nothing
// away from the thread that answers.
struct Waiter {
    std::vector<MetadataQuery> queries;
    std::vector<MetadataAnswer> answers;
    Resumption caller;  // Once, when the answers are there.
    SteadyClock::time_point give_up_at{};
    bool is_answered = false;  // Or is about to be, by whoever set this.
    Batch* batch = nullptr;    // That it is read with.
};
using WaiterPtr = std::shared_ptr<Waiter>;

// What a thread reads.
struct Batch {
    std::vector<WaiterPtr> waiters;
    bool has_successor = false;  // It hangs, and another thread goes on with what follows.
};

std::vector<MetadataAnswer> all_away(std::size_t count, const std::string& detail) {
    MetadataAnswer away;
    away.kind = MetadataAnswer::Kind::away;
    away.detail = detail;
    return std::vector<MetadataAnswer>(count, away);
}

void resume_away(Waiter& waiter, const std::string& detail) {
    waiter.answers = all_away(waiter.queries.size(), detail);
    waiter.caller.post();
}

}  // namespace

// Its threads outlive the MongoMetadata where they hang in the library: they hold this, and touch
// nothing else once it is stopping.
class MongoMetadata::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(const MongoSettings& settings, MongoMapping mapping, const Clock& clock,
         MongoLimits limits);

    void start();
    void stop();
    void submit(WaiterPtr waiter);
    MongoStatus status() const;

private:
    struct Thread {
        std::thread thread;
        bool is_over = false;
    };
    using Lock = std::unique_lock<std::mutex>;

    void start_thread(void (Impl::*body)());
    void work();
    void watch();
    bool next_batch(Batch& batch);
    void answer(const Batch& batch);
    std::vector<MetadataAnswer> read(const std::vector<MetadataQuery>& queries);
    void note(const std::optional<Error>& failure);
    std::optional<std::string> refusal_for(const Waiter& waiter);
    std::vector<WaiterPtr> give_up(SteadyClock::time_point now);
    std::optional<UtcTime> now_unless_stopping() const {
        const std::scoped_lock lock{mutex_};
        if (is_stopping_) return std::nullopt;
        return clock_.now();
    }

    const Clock& clock_;  // Not once it is stopping.
    const MongoLimits limits_;
    mongo::Reader reader_;
    const milliseconds answer_max_;
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::condition_variable watched_;
    bool is_watch_idle_ = false;  // Until somebody waits for an answer.
    std::condition_variable ended_;
    std::deque<WaiterPtr> waiting_;
    std::size_t waiting_queries_ = 0;
    std::deque<WaiterPtr> unanswered_;  // In the order in which they are given up.
    mongo::SourceHealth health_;
    bool is_stopping_ = false;
    std::deque<Thread> threads_;
    std::size_t spare_threads_ = 0;
};

MongoMetadata::Impl::Impl(const MongoSettings& settings, MongoMapping mapping, const Clock& clock,
                          MongoLimits limits)
    : clock_(clock),
      limits_(limits),
      reader_(settings, std::move(mapping),
              {limits.campaigns_max, limits.campaign_age_max, limits.campaign_absence_age_max}),
      answer_max_(limits.answer_max.value_or(reader_.lookup_max())),
      health_(limits.probe_pause) {
    WRAPUP_ASSERT(limits.batch_queries_max > 0);
    WRAPUP_ASSERT(limits.threads_count > 0);
}

void MongoMetadata::Impl::start() {
    const std::scoped_lock lock{mutex_};
    for (std::size_t i = 0; i < limits_.threads_count; ++i) start_thread(&Impl::work);
    start_thread(&Impl::watch);
}

// With the lock held.
void MongoMetadata::Impl::start_thread(void (Impl::*body)()) {
    Thread& mine = threads_.emplace_back();
    const auto run = [self = shared_from_this(), body, &mine] {
        (self.get()->*body)();
        const std::scoped_lock lock{self->mutex_};
        mine.is_over = true;
        self->ended_.notify_all();
    };
    try {
        mine.thread = std::thread(run);
    } catch (const std::system_error&) {
        threads_.pop_back();
        throw;
    }
}

void MongoMetadata::Impl::stop() {
    std::vector<WaiterPtr> left;
    {
        Lock lock{mutex_};
        is_stopping_ = true;
        arrived_.notify_all();
        watched_.notify_all();
        const auto are_over = [this] { return std::ranges::all_of(threads_, &Thread::is_over); };
        ended_.wait_until(lock, SteadyClock::now() + limits_.stop_max, are_over);
        left = give_up(SteadyClock::time_point::max());
    }
    for (const WaiterPtr& waiter : left) resume_away(*waiter, "wrapup is stopping");
    for (Thread& one : threads_) {
        const bool is_over = [&] {
            const std::scoped_lock lock{mutex_};
            return one.is_over;
        }();
        is_over ? one.thread.join() : one.thread.detach();
    }
}

void MongoMetadata::Impl::submit(WaiterPtr waiter) {
    std::optional<std::string> refusal;
    {
        const std::scoped_lock lock{mutex_};
        refusal = refusal_for(*waiter);
        if (!refusal) {
            waiting_queries_ += waiter->queries.size();
            waiter->give_up_at = SteadyClock::now() + answer_max_;
            waiting_.push_back(waiter);
            while (!unanswered_.empty() && unanswered_.front()->is_answered) {
                unanswered_.pop_front();
            }
            unanswered_.push_back(waiter);
            if (std::exchange(is_watch_idle_, false)) watched_.notify_one();
        }
    }
    if (refusal) {
        resume_away(*waiter, *refusal);
    } else {
        arrived_.notify_one();
    }
}

// The size is looked at first: only who really goes may take the turn to probe. A single find() is
// let in whatever its size, else a large one could never be answered.
std::optional<std::string> MongoMetadata::Impl::refusal_for(const Waiter& waiter) {
    const std::size_t queries = waiting_queries_ + waiter.queries.size();
    if (!waiting_.empty() && queries > limits_.waiting_queries_max) {
        return "too many lookups are waiting for MongoDB";
    }
    if (!health_.may_ask(clock_.now())) return health_.detail();
    return std::nullopt;
}

void MongoMetadata::Impl::work() {
    Batch batch;
    while (next_batch(batch)) {
        answer(batch);
        const std::scoped_lock lock{mutex_};
        for (const WaiterPtr& waiter : batch.waiters) waiter->batch = nullptr;
        if (batch.has_successor) return;
    }
}

// Waits for work; false means stop.
bool MongoMetadata::Impl::next_batch(Batch& batch) {
    batch = {};
    Lock lock{mutex_};
    arrived_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    if (is_stopping_) return false;
    std::size_t queries = 0;
    while (!waiting_.empty()) {
        const std::size_t more = waiting_.front()->queries.size();
        if (!batch.waiters.empty() && queries + more > limits_.batch_queries_max) break;
        queries += more;
        waiting_queries_ -= more;
        waiting_.front()->batch = &batch;
        batch.waiters.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return true;
}

void MongoMetadata::Impl::answer(const Batch& batch) {
    std::vector<MetadataQuery> queries;
    for (const WaiterPtr& waiter : batch.waiters) {
        queries.insert(queries.end(), waiter->queries.begin(), waiter->queries.end());
    }
    std::vector<MetadataAnswer> answers = read(queries);
    auto from = std::make_move_iterator(answers.begin());
    for (const WaiterPtr& waiter : batch.waiters) {
        const auto to = from + static_cast<std::ptrdiff_t>(waiter->queries.size());
        const bool is_mine = [&] {
            const std::scoped_lock lock{mutex_};
            return !std::exchange(waiter->is_answered, true);
        }();
        if (is_mine) {
            waiter->answers.assign(from, to);
            waiter->caller.post();
        }
        from = to;
    }
}

// Those whose time is over; with the lock held.
std::vector<WaiterPtr> MongoMetadata::Impl::give_up(SteadyClock::time_point now) {
    std::vector<WaiterPtr> over;
    while (!unanswered_.empty()) {
        const WaiterPtr& waiter = unanswered_.front();
        if (!waiter->is_answered && waiter->give_up_at > now) break;
        if (!std::exchange(waiter->is_answered, true)) over.push_back(waiter);
        unanswered_.pop_front();
    }
    const auto is_answered = [this](const WaiterPtr& waiter) {
        if (waiter->is_answered) waiting_queries_ -= waiter->queries.size();
        return waiter->is_answered;
    };
    std::erase_if(waiting_, is_answered);
    return over;
}

// Frees whoever waits for a thread that hangs.
void MongoMetadata::Impl::watch() {
    const std::string detail = "MongoDB did not answer in time";
    Lock lock{mutex_};
    while (!is_stopping_) {
        const std::vector<WaiterPtr> over = give_up(SteadyClock::now());
        if (!over.empty()) health_.failed(clock_.now(), detail);
        for (const WaiterPtr& waiter : over) {
            Batch* const hanging = waiter->batch;
            const bool is_new = hanging != nullptr && !hanging->has_successor;
            if (!is_new || spare_threads_ == spare_threads_max) continue;
            try {
                start_thread(&Impl::work);
            } catch (const std::system_error&) {
                continue;  // No thread to be had: those that are there go on.
            }
            hanging->has_successor = true;
            spare_threads_ += 1;
        }
        if (!over.empty()) {
            lock.unlock();
            for (const WaiterPtr& waiter : over) resume_away(*waiter, detail);
            lock.lock();
        } else if (unanswered_.empty()) {
            is_watch_idle_ = true;
            watched_.wait(lock);
        } else {
            const auto until = unanswered_.front()->give_up_at;
            watched_.wait_until(lock, until);
        }
    }
}

// In pieces when a single find() asks for more than one read should carry. After the first failure
// the rest is not tried: that is what bounds the time of a find() while MongoDB is away.
std::vector<MetadataAnswer> MongoMetadata::Impl::read(const std::vector<MetadataQuery>& queries) {
    const std::span all{queries};
    std::vector<MetadataAnswer> answers;
    std::optional<Error> failure;
    while (answers.size() < all.size() && !failure) {
        const std::size_t count = std::min(all.size() - answers.size(), limits_.batch_queries_max);
        const std::optional<UtcTime> now = now_unless_stopping();
        if (!now) return all_away(all.size(), "wrapup is stopping");
        mongo::Reading reading = reader_.read(all.subspan(answers.size(), count), *now);
        failure = std::move(reading.failure);
        std::move(reading.answers.begin(), reading.answers.end(), std::back_inserter(answers));
    }
    note(failure);
    if (failure) {
        const auto rest = all_away(all.size() - answers.size(), failure->detail);
        answers.insert(answers.end(), rest.begin(), rest.end());
    }
    return answers;
}

// Whoever waits while the source is found to be away is told at once; they come again, spread over
// time by whoever asked.
void MongoMetadata::Impl::note(const std::optional<Error>& failure) {
    std::deque<WaiterPtr> turned_away;
    {
        const std::scoped_lock lock{mutex_};
        if (is_stopping_) return;
        if (!failure || !mongo::is_source_away(*failure)) {
            health_.succeeded();
            return;
        }
        health_.failed(clock_.now(), failure->detail);
        turned_away.swap(waiting_);
        waiting_queries_ = 0;
        for (const WaiterPtr& waiter : turned_away) waiter->is_answered = true;
    }
    for (const WaiterPtr& waiter : turned_away) resume_away(*waiter, failure->detail);
}

MongoStatus MongoMetadata::Impl::status() const {
    const std::scoped_lock lock{mutex_};
    return {health_.is_away(), health_.detail()};
}

MongoMetadata::MongoMetadata(const MongoSettings& settings, MongoMapping mapping,
                             const Clock& clock, MongoLimits limits)
    : impl_(std::make_shared<Impl>(settings, std::move(mapping), clock, limits)) {
    impl_->start();
}

MongoMetadata::~MongoMetadata() { impl_->stop(); }

Task<std::vector<MetadataAnswer>> MongoMetadata::find(std::vector<MetadataQuery> queries) {
    if (queries.empty()) co_return std::vector<MetadataAnswer>{};
    auto waiter = std::make_shared<Waiter>();
    waiter->queries = std::move(queries);
    const auto start = [this, &waiter](Resumption caller) {
        waiter->caller = std::move(caller);
        impl_->submit(waiter);
    };
    co_await until_resumed(start);
    co_return std::move(waiter->answers);
}

MongoStatus MongoMetadata::status() const { return impl_->status(); }

}  // namespace wrapup
