#pragma once

// The loop of every worker of the store: claims what is due, hands it over, and sleeps until more
// is. Each claim goes its own way; the loop bounds how many do at a time. One executor.

#include <atomic>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "ports/clock.hpp"
#include "ports/task.hpp"
#include "service/commit/group_commit.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class DueLoop {
public:
    // What the loop is run for.
    class Worker {
    public:
        // Claims at most `count_max` of what is due at `now`, starts the work on each, which calls
        // enter() at once and leave() at its end, and returns how many these were.
        virtual Task<Result<std::size_t>> claim_due(UtcTime now, int count_max) = 0;
        // When the next one falls due, if any. Called on a thread that may block.
        virtual Result<std::optional<UtcTime>> next_due() = 0;
        // Room for so many more, besides what the loop itself bounds; and when there is again, if
        // not by the end of one in progress.
        virtual int room(UtcTime) { return std::numeric_limits<int>::max(); }
        virtual std::optional<UtcTime> room_at(UtcTime) { return std::nullopt; }
        // The store failed one of the two, named by `doing`; it is tried again in a second.
        virtual void store_failed(std::string_view doing, const Error& error) = 0;

    protected:
        ~Worker() = default;
    };

    struct Ports {
        Clock& clock;
        BlockingPool& reads;
        GroupCommit& commits;
    };
    struct Limits {
        int in_progress_max;
        int claim_max;       // At once.
        int claim_in_flood;  // The same while senders wait for an acknowledgement behind it.
        // Looked again, about, when nothing rings: other nodes add work without waking us.
        milliseconds idle_max{5'000};
    };

    // `worker` outlives the loop.
    DueLoop(Ports ports, Limits limits, Worker& worker)
        : ports_(ports), limits_(limits), worker_(worker) {}

    // Until stop(); returns when nothing is in progress any more.
    Task<void> run();
    void stop();
    bool is_stopping() const { return is_stopping_; }

    // Looks for work now.
    void wake() { alarm_.ring(); }
    // Something was made due at `due_at`: looks then, if that is earlier than it would have.
    void wake_at(UtcTime due_at);

    // Count what is in progress, whoever claimed it: a stop waits for all of it.
    void enter() { in_progress_ += 1; }
    void leave();
    // Enters when there is room and no stop. From any thread.
    bool try_enter();
    int in_progress_count() const { return in_progress_; }  // From any thread.
    bool has_room() const { return in_progress_ < limits_.in_progress_max; }

private:
    Task<void> wait_for_work();
    Task<void> wait_for_a_ring(milliseconds at_most);

    Ports ports_;
    Limits limits_;
    Worker& worker_;
    Alarm alarm_;
    std::atomic<int> in_progress_{0};
    UtcTime sleeping_until_{};  // The past while it is awake.
    bool is_full_ = false;      // There may be more than there was room for.
    std::atomic<bool> is_stopping_{false};
};

}  // namespace wrapup
