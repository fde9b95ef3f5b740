#pragma once

// The clock of a database that several nodes share, as one of them sees it beside a clock that
// nobody can set. When the two drift apart at once, the database's was set, or another server has
// taken over whose clock differs: then all rows that wait are moved, once for all nodes
// (PostgresStore::bring_in_clock), and until then this node goes by the time of before.

#include <optional>
#include <utility>

#include "base/time.hpp"
#include "core/store/clock_step.hpp"

namespace wrapup {

class ToldClock {
public:
    struct Reading {
        milliseconds before{};  // Of the steady clock: the database said it between the two.
        milliseconds after{};
        UtcTime told{};
        milliseconds moved{};  // By how much rows have been moved, ever, as the database says.
    };

    // How far `told` is ahead of the time that the rows go by: 0 unless they are to be moved.
    // Nothing where a later reading was heard already, or may have been.
    std::optional<milliseconds> hear(const Reading& reading);
    milliseconds owed() const { return owed_; }
    // After each beat of a node that has, or has not, the duty to keep things clear. True: the rows
    // are this node's to move. Who has not had the duty when it noticed the step leaves them to who
    // has; and if nobody moves them, it was the steady clock that stood still, with its machine.
    bool is_to_move(bool keeps, milliseconds steady);

    // Since the last call: what everybody who counts in memory has to add to times that are kept.
    milliseconds take_step() { return std::exchange(step_, {}); }
    // Since the last call: a step to tell of.
    std::optional<milliseconds> take_news() { return std::exchange(news_, {}); }

private:
    std::optional<milliseconds> ahead_;  // Of the steady clock and of what was moved.
    milliseconds heard_until_{};
    milliseconds moved_{};
    milliseconds owed_{};
    milliseconds step_{};
    std::optional<milliseconds> news_;
    std::optional<milliseconds> noticed_at_;  // By a beat.
    bool is_ours_ = false;
};

}  // namespace wrapup
