#pragma once

// Group commit: operations of concurrent coroutines become one transaction, so that one fsync
// serves many. Written once, above the Store port, so that every store profits. While one batch is
// being committed the next one gathers; a lone operation never waits for company.

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "ports/clock.hpp"
#include "ports/metrics.hpp"
#include "ports/resumption.hpp"
#include "ports/store.hpp"
#include "ports/task.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// Settles what appends make due, inside their transaction; on the committing thread.
class BatchSettler : public DueCallSettler {
public:
    // The batch has ended. Null: it failed, and nothing of it is stored.
    virtual void batch_ended(std::vector<StoreOutcome>* outcomes) = 0;

protected:
    ~BatchSettler() = default;
};

class GroupCommit {
public:
    // `executor` runs the commits, one at a time: a thread of its own, or the simulator's loop.
    GroupCommit(StoreWrites& store, const Clock& clock, Metrics& metrics,
                boost::asio::any_io_executor executor);
    ~GroupCommit();
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    // A sender's: 15 s are all that Twilio waits, and the answer has to get there.
    enum class Patience { endless, of_senders };

    // Durable once it returns a value. From any thread; resumes on the caller's executor. An error
    // is what the operation itself met, or what its whole transaction met: then nobody knows
    // whether it was applied, and it is safe to submit it again. `op` is whole again at the end,
    // unless a sender's patience ended first, which is such an error, too.
    Task<StoreOutcome> submit(StoreOp& op, Patience patience = Patience::endless);
    // Ends the patience of senders, whatever the store is at: less than 5 s after they came.
    // What no batch has taken up by then never happens. On any one executor, for good.
    Task<void> answer_in_time(Clock& clock);

    // Goes on with what was left to do of a destination's change when the process ended. What is
    // left by a change that is submitted is gone on with by itself, a slice between two batches.
    void resume_sweeps(CallQueries& queries);
    // Leaves the rest to the next start. From any thread.
    void stop_sweeps() { are_sweeps_stopped_ = true; }

    // Whether the store can write: by its last commit when that was a moment ago, else by writing.
    // No for 5 s after an event was refused, unless another was stored since.
    Task<bool> can_write();

    // Runs another write of the store (a claim) on the committing thread, between two batches.
    // `work` captures by reference only.
    template <class Work>
    Task<std::invoke_result_t<Work>> run_between(Work work) {
        return between_.run(std::move(work));
    }

    // Many senders are waiting for their acknowledgement right now. They wait 15 s at most and may
    // never come back, while a record can wait a moment: workers hold their claims back. From any
    // thread.
    bool is_under_pressure() const;
    // Returns when the pressure is over, or after a quarter of a second, so that a flood slows the
    // workers down and never stops them.
    Task<void> let_senders_first(Clock& clock) const;

    // What appends make due is settled with them from now on, except in bursts that do not fit
    // into one batch. Before the first submission; it outlives this.
    void settle_with(BatchSettler& settler) { settler_ = &settler; }

    // Called on the committing thread, once per batch: the settler should look at these calls now.
    void on_calls_due(std::function<void(std::vector<std::string>)> wake) {
        wake_settler_ = std::move(wake);
    }
    // Called on the committing thread: a courier should look for deliveries now.
    void on_delivery_due(std::function<void()> wake) { wake_courier_ = std::move(wake); }
    // Called on any thread: senders' events could not be stored, and may not be repeated.
    void on_append_refused(std::function<void()> tell) { tell_append_refused_ = std::move(tell); }
    // Called on the committing thread: a placer should look whether a call is to be cancelled.
    void on_number_listed(std::function<void()> wake) { wake_placer_ = std::move(wake); }

private:
    // What is submitted is freed by the thread that made it: an allocator shared by threads pays
    // for every block that changes hands.
    struct Submission {
        StoreOp& op;
        StoreOutcome outcome;
    };
    struct Entry {
        Submission* submission;  // Null: nobody waits for it any more.
        Resumption caller;
        int looks_left = 0;  // Of answer_in_time(); 0: endless.
    };

    void enqueue(Entry entry, bool is_append);
    void commit_batch();
    Result<std::vector<StoreOutcome>> commit(const std::vector<StoreOp>& ops);
    void note_sweeps(const std::vector<StoreOp>& ops, const std::vector<StoreOutcome>& outcomes);
    void post_sweep();
    void sweep_slice_of_one();
    struct Batch {
        std::vector<Entry> entries;
        bool is_burst = false;  // More appends wait than fit into it.
    };
    Batch take_batch();
    void give_up_overdue();
    void note_refused_append(UtcTime now);
    void send_home(std::vector<Entry> batch) const;
    void wake_workers(const std::vector<StoreOp>& ops, const std::vector<StoreOutcome>& outcomes);

    StoreWrites& store_;
    const Clock& clock_;
    Metrics& metrics_;
    boost::asio::any_io_executor executor_;
    BlockingPool between_;
    BatchSettler* settler_ = nullptr;
    std::function<void(std::vector<std::string>)> wake_settler_;
    std::function<void()> wake_courier_;
    std::function<void()> wake_placer_;
    std::function<void()> tell_append_refused_;

    std::mutex mutex_;
    std::vector<Entry> appends_;  // Somebody outside waits for these; they go first.
    std::vector<Entry> others_;
    std::vector<Entry> in_batch_;  // While the store is at it.
    bool is_scheduled_ = false;
    std::atomic<std::int64_t> pressure_until_ms_{0};
    std::atomic<std::int64_t> append_refused_at_ms_{0};  // 0: the last append was stored.
    std::atomic<std::int64_t> written_at_ms_{0};  // The last commit, if it succeeded; else 0.
    std::atomic<bool> are_sweeps_stopped_{false};
    // On the committing thread.
    std::set<std::string> sweeping_;  // Destinations.
    bool is_sweep_posted_ = false;
};

}  // namespace wrapup
