#include "core/store/replay_rules.hpp"

#include <algorithm>
#include <variant>

#include "core/store/delivery_rules.hpp"
#include "core/store/store_rules.hpp"
#include "domain/record.hpp"

namespace wrapup {
namespace {

bool has_delivery_to(const WorkingCall& call, std::string_view destination) {
    return std::ranges::any_of(call.deliveries, [&](const WorkingDelivery* row) {
        return row->delivery.destination == destination;
    });
}

// Of a row as it is now, which may have changed in this batch.
ReplayCandidate candidate_of(WorkingSet& rows, const WorkingDelivery& row, const ReplayOrder& order,
                             const ReplayCandidate& found) {
    ReplayCandidate now = found;
    now.destination = row.delivery.destination;
    now.state = row.delivery.state;
    now.parked = row.delivery.parked;
    now.fingerprint = row.delivery.fingerprint;
    now.is_replaying = row.replay_id != 0;
    if (order.to.empty()) return now;
    rows.load_progress_and_metadata(*row.call);
    now.outcome = row.call->call.outcome;
    now.metadata = row.call->call.metadata.value_or(CallMetadata{});
    now.is_there = has_delivery_to(*row.call, order.to);
    return now;
}

void note(WorkingCall& call, const std::string& what) {
    std::string& text = call.call.note;
    text += (text.empty() ? "" : "; ") + what;
}

enum class End { released, changed };
using Release = std::variant<End, ReplayObstacle>;

Release release(WorkingSet& rows, WorkingReplay& job, const ReplayOrder& order,
                const ReplayCandidate& found, const AdvanceReplay& op, UtcTime now) {
    WorkingDelivery* const row = rows.find_delivery(found.id);
    if (row == nullptr || row->lease.is_held_at(now)) return End::changed;
    const ReplayCandidate candidate = candidate_of(rows, *row, order, found);
    if (!matches(order, candidate)) return End::changed;
    Delivery& delivery = row->delivery;
    const DestinationState destination = rows.destination_state(goal_of(order, candidate));
    if (const auto obstacle = obstacle_to(order, candidate, is_lost(destination))) {
        return *obstacle;
    }
    if (order.gives_up) {
        note(*row->call,
             "given up for " + delivery.destination + " by replay " + std::to_string(job.id));
        give_up(*row);
        job.given_up += 1;
        return End::released;
    }
    if (!order.to.empty()) {
        note(*row->call, "moved from " + delivery.destination + " to " + order.to);
        move_to(*row, order.to);
    }
    row->replay_id = job.id;
    if (delivery.state == DeliveryState::pending) {
        delivery.due_at = std::min(delivery.due_at.value_or(op.at), op.at);
        return End::released;
    }
    delivery.retries_used = 0;
    if (delivery.state == DeliveryState::accepted) {
        delivery.due_at = op.at;
        return End::released;
    }
    make_pending(delivery, op.at, destination);
    keep_state_in_step(*row->call);
    return End::released;
}

// A record that the destination was never to get.
Release release_earlier(WorkingSet& rows, const WorkingReplay& job, const ReplayCandidate& found,
                        const AdvanceReplay& op) {
    const std::string& to = job.order.filter.destination;
    if (is_lost(rows.destination_state(to))) return ReplayObstacle::lost;
    WorkingCall* call = nullptr;
    if (found.delivery_id == 0) {
        call = rows.find_exactly(found.call_id);
    } else if (WorkingDelivery* const any = rows.find_delivery(found.delivery_id)) {
        call = any->call;
    }
    if (call == nullptr || !call->has_record()) return End::changed;
    if (has_delivery_to(*call, to)) return ReplayObstacle::there;
    if (call->call.state == CallState::merged) return End::changed;
    NewDelivery made;
    made.destination = to;
    made.webhook_id = webhook_id_of(call->call.id);
    WorkingDelivery& row = make_delivery(rows, *call, made, op.at);
    row.replay_id = job.id;
    keep_state_in_step(*call);
    return End::released;
}

void count(WorkingReplay& job, const Release& release) {
    if (const auto* obstacle = std::get_if<ReplayObstacle>(&release)) {
        const bool was_known = job.met.of(*obstacle) < job.left_out.of(*obstacle);
        job.met.of(*obstacle) += 1;
        if (was_known) return;
    }
    (release == Release{End::released} ? job.released : job.skipped) += 1;
}

void end_if_nothing_is_left(WorkingReplay& job, UtcTime now) {
    if (job.state != ReplayState::running || !job.is_walked() || job.open() > 0) return;
    job.state = ReplayState::done;
    job.ended_at = now;
}

bool was_it_accepted(const WorkingDelivery& row) {
    if (row.delivery.state != DeliveryState::accepted) return false;
    const bool is_again = row.stored && row.stored->delivery.state == DeliveryState::accepted;
    if (!is_again) return true;
    return !row.new_attempts.empty() && row.new_attempts.back().outcome == AttemptOutcome::accepted;
}

}  // namespace

void end_replays(WorkingSet& rows, UtcTime now) {
    for (WorkingDelivery& row : rows.deliveries()) {
        if (row.replay_id == 0 || row.delivery.due_at) continue;
        WorkingReplay* const job = rows.find_replay(row.replay_id);
        row.replay_id = 0;
        if (job == nullptr) continue;
        (was_it_accepted(row) ? job->accepted : job->failed) += 1;
        end_if_nothing_is_left(*job, now);
    }
}

StoreOutcome apply(WorkingSet& rows, const StartReplay& op, UtcTime now) {
    if (const WorkingReplay* const known = rows.find_replay_of(op.token)) {
        return Replayed{*known, known->state == ReplayState::running && !known->is_walked(), 0};
    }
    if (op.count > op.count_seen) {
        return Error{Errc::conflict, "it concerns " + std::to_string(op.count) +
                                         " by now, and the preview said " +
                                         std::to_string(op.count_seen) + "; preview it again"};
    }
    WorkingReplay& job = rows.make_replay(op);
    if (job.count == 0) job.walked_to = job.last_id;
    end_if_nothing_is_left(job, now);
    return Replayed{job, !job.is_walked(), 0};
}

StoreOutcome apply(WorkingSet& rows, const AdvanceReplay& op, UtcTime now) {
    WorkingReplay* const job = rows.find_replay(op.id);
    if (job == nullptr) return Error{Errc::not_found, "no such replay"};
    if (job->state != ReplayState::running || job->is_walked()) return Replayed{*job, false, 0};
    const std::int64_t left = job->count - job->released;
    const std::int64_t room = std::max<std::int64_t>(0, op.open_max - job->open());
    const std::int64_t limit = std::min({std::int64_t{op.slice}, room, left});
    if (limit == 0) return Replayed{*job, true, 0};
    ReplayOrder order = job->order;
    order.only = op.only;
    const ReplayWalk walk = rows.walk_replay(order, job->walked_to, job->last_id, limit);
    const std::int64_t released_before = job->released;
    for (const ReplayCandidate& found : walk.found) {
        count(*job, order.is_earlier ? release_earlier(rows, *job, found, op)
                                     : release(rows, *job, order, found, op, now));
    }
    job->walked_to = walk.reached;
    if (job->released >= job->count) job->walked_to = job->last_id;
    if (job->is_walked()) job->skipped = job->count - job->released;
    end_if_nothing_is_left(*job, now);
    return Replayed{*job, !job->is_walked(), job->released - released_before};
}

StoreOutcome apply(WorkingSet& rows, const CancelReplay& op, UtcTime) {
    WorkingReplay* const job = rows.find_replay(op.id);
    if (job == nullptr) return Error{Errc::not_found, "no such replay"};
    if (job->state == ReplayState::running) {
        job->state = ReplayState::cancelled;
        job->ended_at = op.at;
    }
    return Replayed{*job, false, 0};
}

}  // namespace wrapup
