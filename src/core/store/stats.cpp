#include "core/store/stats.hpp"

#include <optional>

#include "core/store/ledger.hpp"
#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

std::optional<OutcomeCell> place_of(const CallRow& row) {
    if (!row.has_record() || !row.call.outcome || row.call.state == CallState::merged) {
        return std::nullopt;
    }
    if (is_sample_call(row.call.call_sid)) return std::nullopt;
    return OutcomeCell{quarter_of(ledger_time_of(row.call)), row.call.campaign, *row.call.outcome};
}

// A person sent it, or it went to a destination that came later: no delay of ours.
bool is_of_replay(const WorkingDelivery& row) {
    return row.replay_id != 0 || (row.stored && row.stored->replay_id != 0);
}

}  // namespace

OutcomeCells outcome_changes(const WorkingSet& rows) {
    OutcomeCells changes;
    for (const WorkingCall& row : rows.calls()) {
        const auto after = place_of(row);
        const auto before = row.stored ? place_of(*row.stored) : std::nullopt;
        if (before == after) continue;
        if (before) changes[*before] -= 1;
        if (after) changes[*after] += 1;
    }
    std::erase_if(changes, [](const auto& change) { return change.second == 0; });
    return changes;
}

DelayCells delay_changes(const WorkingSet& rows) {
    DelayCells changes;
    for (const WorkingDelivery& row : rows.deliveries()) {
        const Delivery& delivery = row.delivery;
        const bool was_accepted = row.stored && row.stored->delivery.accepted_at.has_value();
        if (!delivery.accepted_at || was_accepted || !delivery.ended_at) continue;
        if (is_of_replay(row) || is_sample_call(delivery.call_id)) continue;
        const UtcTime at = *delivery.accepted_at;
        const auto minute = std::chrono::floor<std::chrono::minutes>(at.time_since_epoch()).count();
        changes[{minute, delay_bucket_of(at - *delivery.ended_at)}] += 1;
    }
    return changes;
}

}  // namespace wrapup
