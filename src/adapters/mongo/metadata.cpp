#include "adapters/mongo/metadata.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "adapters/mongo/errors.hpp"
#include "adapters/mongo/reader.hpp"
#include "adapters/mongo/source_health.hpp"
#include "ports/resumption.hpp"

namespace wrapup {
namespace {

// One call of find(). Shared, so that a coroutine that is destroyed while it waits takes nothing
// away from the thread that answers.
struct Waiter {
    std::vector<MetadataQuery> queries;
    std::vector<MetadataAnswer> answers;
    Resumption caller;  // Once, when the answers are there.
};
using WaiterPtr = std::shared_ptr<Waiter>;

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

class MongoMetadata::Impl {
public:
    Impl(const MongoSettings& settings, MongoMapping mapping, const Clock& clock,
         MongoLimits limits);
    ~Impl();

    void submit(WaiterPtr waiter);
    MongoStatus status() const;

private:
    void work();
    std::vector<WaiterPtr> next_batch();
    void answer(const std::vector<WaiterPtr>& batch);
    std::vector<MetadataAnswer> read(const std::vector<MetadataQuery>& queries);
    void note(const std::optional<Error>& failure);
    std::optional<std::string> refusal_for(const Waiter& waiter);

    const Clock& clock_;
    MongoLimits limits_;
    mongo::Reader reader_;
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<WaiterPtr> waiting_;
    std::size_t waiting_queries_ = 0;
    mongo::SourceHealth health_;
    bool is_stopping_ = false;
    std::vector<std::thread> threads_;
};

MongoMetadata::Impl::Impl(const MongoSettings& settings, MongoMapping mapping, const Clock& clock,
                          MongoLimits limits)
    : clock_(clock),
      limits_(limits),
      reader_(settings, std::move(mapping),
              {limits.campaigns_max, limits.campaign_age_max, limits.campaign_absence_age_max}),
      health_(limits.probe_pause) {
    WRAPUP_ASSERT(limits.batch_queries_max > 0);
    WRAPUP_ASSERT(limits.threads_count > 0);
    for (std::size_t i = 0; i < limits.threads_count; ++i)
        threads_.emplace_back([this] { work(); });
}

MongoMetadata::Impl::~Impl() {
    {
        const std::scoped_lock lock{mutex_};
        is_stopping_ = true;
    }
    arrived_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    for (const WaiterPtr& waiter : waiting_) resume_away(*waiter, "wrapup is stopping");
}

void MongoMetadata::Impl::submit(WaiterPtr waiter) {
    std::optional<std::string> refusal;
    {
        const std::scoped_lock lock{mutex_};
        refusal = refusal_for(*waiter);
        if (!refusal) {
            waiting_queries_ += waiter->queries.size();
            waiting_.push_back(waiter);
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
    while (true) {
        const std::vector<WaiterPtr> batch = next_batch();
        if (batch.empty()) return;
        answer(batch);
    }
}

// Waits for work; nothing means stop.
std::vector<WaiterPtr> MongoMetadata::Impl::next_batch() {
    std::unique_lock lock{mutex_};
    arrived_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    std::vector<WaiterPtr> batch;
    if (is_stopping_) return batch;
    std::size_t queries = 0;
    while (!waiting_.empty()) {
        const std::size_t more = waiting_.front()->queries.size();
        if (!batch.empty() && queries + more > limits_.batch_queries_max) break;
        queries += more;
        waiting_queries_ -= more;
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return batch;
}

void MongoMetadata::Impl::answer(const std::vector<WaiterPtr>& batch) {
    std::vector<MetadataQuery> queries;
    for (const WaiterPtr& waiter : batch) {
        queries.insert(queries.end(), waiter->queries.begin(), waiter->queries.end());
    }
    std::vector<MetadataAnswer> answers = read(queries);
    auto from = std::make_move_iterator(answers.begin());
    for (const WaiterPtr& waiter : batch) {
        const auto to = from + static_cast<std::ptrdiff_t>(waiter->queries.size());
        waiter->answers.assign(from, to);
        from = to;
        waiter->caller.post();
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
        mongo::Reading reading = reader_.read(all.subspan(answers.size(), count), clock_.now());
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
        if (!failure || !mongo::is_source_away(*failure)) {
            health_.succeeded();
            return;
        }
        health_.failed(clock_.now(), failure->detail);
        turned_away.swap(waiting_);
        waiting_queries_ = 0;
    }
    for (const WaiterPtr& waiter : turned_away) resume_away(*waiter, failure->detail);
}

MongoStatus MongoMetadata::Impl::status() const {
    const std::scoped_lock lock{mutex_};
    return {health_.is_away(), health_.detail()};
}

MongoMetadata::MongoMetadata(const MongoSettings& settings, MongoMapping mapping,
                             const Clock& clock, MongoLimits limits)
    : impl_(std::make_unique<Impl>(settings, std::move(mapping), clock, limits)) {}

MongoMetadata::~MongoMetadata() = default;

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
