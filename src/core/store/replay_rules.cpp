#include "core/store/replay_rules.hpp"

#include <algorithm>

#include "core/store/delivery_rules.hpp"
#include "core/store/store_rules.hpp"
#include "domain/record.hpp"

namespace wrapup {
namespace {

// Of a row as it is now, which may have changed in this batch.
ReplayCandidate candidate_of(const WorkingDelivery& row, const ReplayCandidate& found) {
    ReplayCandidate now = found;
    now.destination = row.delivery.destination;
    now.state = row.delivery.state;
    now.parked = row.delivery.parked;
    now.is_replaying = row.replay_id != 0;
    return now;
}

bool has_delivery_to(const WorkingCall& call, std::string_view destination) {
    return std::ranges::any_of(call.deliveries, [&](const WorkingDelivery* row) {
        return row->delivery.destination == destination;
    });
}

bool is_wanted(WorkingSet& rows, WorkingCall& call, const RecordFilter& only) {
    rows.load_progress_and_metadata(call);
    return call.call.outcome &&
           wants(only, *call.call.outcome, call.call.metadata.value_or(CallMetadata{}));
}

// Attempts do not say where they were made: the call does.
void note_move(WorkingDelivery& row, const std::string& to) {
    const Delivery& delivery = row.delivery;
    std::string& note = row.call->call.note;
    if (!note.empty()) note += "; ";
    note += "moved from " + delivery.destination + " to " + to;
    if (delivery.attempts_count == 0) return;
    note += ": attempts up to number " + std::to_string(delivery.attempts_count) + " went to " +
            delivery.destination;
}

bool release(WorkingSet& rows, const WorkingReplay& job, const ReplayCandidate& found,
             const AdvanceReplay& op, UtcTime now) {
    WorkingDelivery* const row = rows.find_delivery(found.id);
    if (row == nullptr || row->lease.is_held_at(now)) return false;
    if (!matches(job.order, candidate_of(*row, found))) return false;
    Delivery& delivery = row->delivery;
    const std::string& to = job.order.to.empty() ? delivery.destination : job.order.to;
    const DestinationState destination = rows.destination_state(to);
    if (is_lost(destination)) return false;
    if (!job.order.to.empty()) {
        if (has_delivery_to(*row->call, to) || !is_wanted(rows, *row->call, op.only)) return false;
        note_move(*row, to);
        delivery.destination = to;
    }
    row->replay_id = job.id;
    if (delivery.state == DeliveryState::pending) {
        delivery.due_at = std::min(delivery.due_at.value_or(op.at), op.at);
        return true;
    }
    delivery.retries_used = 0;
    if (delivery.state == DeliveryState::accepted) {
        delivery.due_at = op.at;
        return true;
    }
    make_pending(delivery, op.at, destination);
    keep_state_in_step(*row->call);
    return true;
}

// A record that the destination was never to get.
bool release_earlier(WorkingSet& rows, const WorkingReplay& job, const ReplayCandidate& found,
                     const AdvanceReplay& op) {
    const std::string& to = job.order.filter.destination;
    if (is_lost(rows.destination_state(to))) return false;
    WorkingCall* call = nullptr;
    if (found.delivery_id == 0) {
        call = rows.find_exactly(found.call_id);
    } else if (WorkingDelivery* const any = rows.find_delivery(found.delivery_id)) {
        call = any->call;
    }
    if (call == nullptr || !call->has_record() || has_delivery_to(*call, to)) return false;
    if (call->call.state == CallState::merged) return false;
    NewDelivery made;
    made.destination = to;
    made.webhook_id = webhook_id_of(call->call.id);
    WorkingDelivery& row = make_delivery(rows, *call, made, op.at);
    row.replay_id = job.id;
    keep_state_in_step(*call);
    return true;
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
    std::int64_t released = 0;
    for (const ReplayCandidate& found : walk.found) {
        const bool is_released = order.is_earlier ? release_earlier(rows, *job, found, op)
                                                  : release(rows, *job, found, op, now);
        (is_released ? released : job->skipped) += 1;
    }
    job->released += released;
    job->walked_to = walk.reached;
    if (job->released >= job->count) job->walked_to = job->last_id;
    if (job->is_walked()) job->skipped = job->count - job->released;
    end_if_nothing_is_left(*job, now);
    return Replayed{*job, !job->is_walked(), released};
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
