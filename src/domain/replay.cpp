#include "domain/replay.hpp"

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
    return filter.parked || candidate.parked != ParkReason::unknown_outcome;
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

bool matches(const ReplayOrder& order, const ReplayCandidate& candidate) {
    const ReplayFilter& filter = order.filter;
    if (filter.outcome && filter.outcome != candidate.outcome) return false;
    if (!filter.campaign.empty() && filter.campaign != candidate.campaign) return false;
    if (filter.after && candidate.first_event_at < *filter.after) return false;
    if (filter.before && candidate.first_event_at >= *filter.before) return false;
    if (order.is_earlier) {
        return candidate.outcome && wants(order.only, *candidate.outcome, candidate.metadata);
    }
    if (!filter.destination.empty() && filter.destination != candidate.destination) return false;
    return has_matching_state(order, candidate);
}

}  // namespace wrapup
