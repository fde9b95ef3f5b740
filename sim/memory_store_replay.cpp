// Replays in the memory store.

#include <algorithm>

#include "sim/memory_store.hpp"

namespace wrapup {
namespace {

void take_call(ReplayCandidate& candidate, const Call& call) {
    candidate.call_id = call.id;
    candidate.outcome = call.outcome;
    candidate.campaign = call.campaign;
    candidate.first_event_at = call.first_event_at;
}

}  // namespace

ReplayWalk MemoryStore::walk(const ReplayOrder& order, std::int64_t after_id, std::int64_t last_id,
                             std::int64_t limit) {
    if (order.is_earlier) return walk_calls(order, after_id, last_id, limit);
    ReplayWalk walk;
    walk.last = std::min(last_id, std::ssize(deliveries_));
    walk.reached = last_id;
    for (const KeptDelivery& kept : deliveries_) {
        const Delivery& delivery = kept.row.delivery;
        if (delivery.id <= after_id || delivery.id > last_id) continue;
        ReplayCandidate candidate;
        take_call(candidate, call_at(kept.row.call_no).call);
        candidate.id = delivery.id;
        candidate.destination = delivery.destination;
        candidate.state = delivery.state;
        candidate.parked = delivery.parked;
        candidate.fingerprint = delivery.fingerprint;
        candidate.is_replaying = kept.row.replay_id != 0;
        if (!order.to.empty()) {
            candidate.metadata = call_at(kept.row.call_no).call.metadata.value_or(CallMetadata{});
            candidate.is_there = std::ranges::any_of(deliveries_, [&](const KeptDelivery& other) {
                return other.row.call_no == kept.row.call_no &&
                       other.row.delivery.destination == order.to;
            });
        }
        if (!wrapup::matches(order, candidate)) continue;
        walk.found.push_back(std::move(candidate));
        if (std::ssize(walk.found) < limit) continue;
        walk.reached = delivery.id;
        break;
    }
    return walk;
}

ReplayWalk MemoryStore::walk_calls(const ReplayOrder& order, std::int64_t after_id,
                                   std::int64_t last_id, std::int64_t limit) {
    ReplayWalk walk;
    walk.last = std::min(last_id, std::ssize(calls_));
    walk.reached = last_id;
    for (const CallRow& row : calls_) {
        if (row.no <= after_id || row.no > last_id) continue;
        if (!row.has_record() || row.call.state == CallState::merged) continue;
        if (row.call.parked == ParkReason::forgotten) continue;
        ReplayCandidate candidate;
        take_call(candidate, row.call);
        candidate.id = row.no;
        candidate.metadata = row.call.metadata.value_or(CallMetadata{});
        bool has_it = false;
        for (const KeptDelivery& kept : deliveries_) {
            if (kept.row.call_no != row.no) continue;
            if (candidate.delivery_id == 0) candidate.delivery_id = kept.row.delivery.id;
            has_it = has_it || kept.row.delivery.destination == order.filter.destination;
        }
        if (has_it || !wrapup::matches(order, candidate)) continue;
        walk.found.push_back(std::move(candidate));
        if (std::ssize(walk.found) < limit) continue;
        walk.reached = row.no;
        break;
    }
    return walk;
}

Result<ReplayWalk> MemoryStore::walk_replay(const ReplayOrder& order, std::int64_t after_id,
                                            std::int64_t last_id, int limit) {
    const std::lock_guard lock{mutex_};
    return walk(order, after_id, last_id, limit);
}

Result<ReplayJob> MemoryStore::find_replay(std::int64_t id) {
    const std::lock_guard lock{mutex_};
    const auto found = replays_.find(id);
    if (found == replays_.end()) return Error{Errc::not_found, "no such replay"};
    return found->second;
}

Result<std::vector<ReplayJob>> MemoryStore::list_replays(std::optional<ReplayState> state,
                                                         int limit) {
    const std::lock_guard lock{mutex_};
    std::vector<ReplayJob> jobs;
    for (auto at = replays_.rbegin(); at != replays_.rend(); ++at) {
        if (std::ssize(jobs) >= limit) break;
        if (!state || at->second.state == *state) jobs.push_back(at->second);
    }
    return jobs;
}

}  // namespace wrapup
