#include "core/store/told_clock.hpp"

#include <algorithm>
#include <utility>

namespace wrapup {
namespace {

// Where it does not succeed, work goes on with what is due by the new time.
constexpr seconds tries_last{30};
// And longer than that others wait.
constexpr seconds others_take{60};
// Nobody waits so long for one.
constexpr std::chrono::minutes answer_max{1};

}  // namespace

std::optional<milliseconds> ToldClock::hear(const Reading& reading) {
    // Connections answer beside each other: one may tell later what it read earlier.
    const milliseconds overlap = heard_until_ - reading.before;
    if (ahead_ && overlap > milliseconds{0} && overlap < answer_max) return std::nullopt;
    const milliseconds least = reading.told.time_since_epoch() - reading.after - reading.moved;
    const milliseconds most = reading.told.time_since_epoch() - reading.before - reading.moved;
    if (!ahead_) {
        ahead_ = least;
        moved_ = reading.moved;
    }
    const milliseconds nearest = std::clamp(*ahead_, least, std::max(least, most));
    const milliseconds by = nearest - *ahead_;
    const bool is_step = std::chrono::abs(by) >= clock_step_min;
    heard_until_ = reading.after;
    const milliseconds moved = reading.moved - std::exchange(moved_, reading.moved);
    if (moved != milliseconds{0}) {
        step_ += moved;
        if (owed_ == milliseconds{0}) news_ = moved;
    }
    if (is_step && owed_ == milliseconds{0}) news_ = by;
    owed_ = is_step ? by : milliseconds{0};
    if (!is_step) {
        ahead_ = nearest;
        noticed_at_.reset();
    }
    return owed_;
}

bool ToldClock::is_to_move(bool keeps, milliseconds steady) {
    if (owed_ == milliseconds{0}) return false;
    if (!noticed_at_) {
        noticed_at_ = steady;
        is_ours_ = keeps;
    }
    const milliseconds noticed_for = steady - *noticed_at_;
    if (is_ours_ && keeps && noticed_for < tries_last) return true;
    if (noticed_for < others_take) return false;
    *ahead_ += owed_;
    step_ += std::exchange(owed_, milliseconds{0});
    noticed_at_.reset();
    return false;
}

}  // namespace wrapup
