#include "domain/replay.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

bool has_matching_state(const ReplayOrder& order, const ReplayCandidate& candidate) {
    const ReplayFilter& filter = order.filter;
    if (candidate.is_replaying) return false;
    if (filter.state && *filter.state != candidate.state) return false;
    if (filter.parked && *filter.parked != candidate.parked) return false;
    switch (candidate.state) {
        case DeliveryState::accepted: return order.is_again;
        case DeliveryState::pending: return filter.state.has_value();
        case DeliveryState::parked: break;
    }
    if (candidate.parked == ParkReason::forgotten) return false;
    return filter.parked || (candidate.parked != ParkReason::unknown_outcome &&
                             candidate.parked != ParkReason::given_up);
}

}  // namespace

std::string_view to_string(ReplayState state) {
    switch (state) {
        case ReplayState::running: return "running";
        case ReplayState::done: return "done";
        case ReplayState::cancelled: return "cancelled";
    }
    return "";
}

std::optional<ReplayState> parse_replay_state(std::string_view name) {
    for (const auto state : {ReplayState::running, ReplayState::done, ReplayState::cancelled}) {
        if (to_string(state) == name) return state;
    }
    return std::nullopt;
}

std::int64_t& ReplayObstacles::of(ReplayObstacle obstacle) {
    switch (obstacle) {
        case ReplayObstacle::there: return there;
        case ReplayObstacle::unwanted: return unwanted;
        case ReplayObstacle::lost: return lost;
    }
    WRAPUP_ASSERT(false);
}

ReplayObstacles ReplayJob::skips() const {
    std::int64_t rest = skipped;
    const auto take = [&rest](std::int64_t more) {
        const std::int64_t taken = std::clamp<std::int64_t>(more, 0, rest);
        rest -= taken;
        return taken;
    };
    ReplayObstacles skips;
    skips.there = take(met.there - left_out.there);
    skips.unwanted = take(met.unwanted - left_out.unwanted);
    skips.lost = take(met.lost - left_out.lost);
    return skips;
}

const std::string& goal_of(const ReplayOrder& order, const ReplayCandidate& candidate) {
    if (!order.to.empty()) return order.to;
    return order.is_earlier ? order.filter.destination : candidate.destination;
}

std::optional<ReplayObstacle> obstacle_to(const ReplayOrder& order,
                                          const ReplayCandidate& candidate, bool is_lost) {
    if (order.gives_up) return std::nullopt;
    if (is_lost) return ReplayObstacle::lost;
    if (order.to.empty()) return std::nullopt;
    if (candidate.is_there) return ReplayObstacle::there;
    const bool is_wanted =
        candidate.outcome && wants(order.only, *candidate.outcome, candidate.metadata);
    if (!is_wanted) return ReplayObstacle::unwanted;
    return std::nullopt;
}

bool matches(const ReplayOrder& order, const ReplayCandidate& candidate) {
    if (is_sample_call(candidate.call_id)) return false;
    const ReplayFilter& filter = order.filter;
    if (filter.outcome && filter.outcome != candidate.outcome) return false;
    if (!filter.campaign.empty() && filter.campaign != candidate.campaign) return false;
    if (filter.after && candidate.first_event_at < *filter.after) return false;
    if (filter.before && candidate.first_event_at >= *filter.before) return false;
    if (order.is_earlier) {
        return candidate.outcome && wants(order.only, *candidate.outcome, candidate.metadata);
    }
    if (!filter.destination.empty() && filter.destination != candidate.destination) return false;
    if (!filter.fingerprint.empty() && filter.fingerprint != candidate.fingerprint) return false;
    return has_matching_state(order, candidate);
}

}  // namespace wrapup
