#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "ports/clock.hpp"
#include "ports/resumption.hpp"

namespace wrapup {

// Virtual time for one single-threaded io_context: run() lets everything ready run, then jumps to
// the next wake-up. Ties wake in the order in which they went to sleep, so that a run is a function
// of its seed. No timer takes part: one would have Asio ask the kernel at each step.
class SimClock final : public Clock {
public:
    // `ahead`: how far the wall clock is ahead of the true time.
    SimClock(boost::asio::io_context& io, UtcTime start, milliseconds ahead = milliseconds{0})
        : io_(io), true_now_(start), ahead_(ahead) {}

    UtcTime now() const override { return true_now_ + ahead_; }
    milliseconds ahead() const override { return ahead_; }
    UtcTime true_now() const { return true_now_; }
    // Sets the wall clock. Sleeps keep their length.
    void set(milliseconds by) { ahead_ += by; }
    Task<void> sleep_until(UtcTime due_at, Alarm* alarm = nullptr) override;

    // Others that live in the same time.
    class Company {
    public:
        virtual bool step() = 0;  // Lets something that is ready run; false: nothing is.
        virtual std::optional<UtcTime> next() const = 0;  // When something will be.
        virtual void pass_to(UtcTime now) = 0;

    protected:
        ~Company() = default;
    };

    enum class End {
        done,      // `is_done` held when nothing was ready; it is asked before time passes.
        limit,     // True time reached `limit`.
        at_rest,   // Nothing is ready and nobody sleeps.
        livelock,  // Work goes round without letting time pass.
        steps,     // `steps_max` handlers ran: the moment for a crash.
    };
    End run(UtcTime limit, std::uint64_t steps_max, const std::function<bool()>& is_done,
            Company* company = nullptr);

    // For whoever runs the io_context in somebody else's time.
    std::optional<UtcTime> next_wake() const;
    // Wakes whoever slept until then, one at a time.
    void pass_to(UtcTime now);

private:
    using WakeKey = std::pair<UtcTime, std::uint64_t>;  // In true time.
    struct Sleeper;

    void wake(const WakeKey& key);

    boost::asio::io_context& io_;
    UtcTime true_now_;
    milliseconds ahead_;
    std::uint64_t sleeps_count_ = 0;
    std::map<WakeKey, Resumption> sleepers_;
};

}  // namespace wrapup
