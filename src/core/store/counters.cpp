#include "core/store/counters.hpp"

#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

void count(CounterChanges& changes, const CallRow& row, std::int64_t by) {
    if (is_sample_call(row.call.call_sid)) return;
    changes.calls[row.call.state] += by;
    if (row.call.parked) changes.parked[*row.call.parked] += by;
    if (row.call.is_late_conflict) changes.late_conflicts += by;
}

void count(CounterChanges& changes, const DeliveryRow& row, std::int64_t by) {
    const Delivery& delivery = row.delivery;
    if (is_sample_call(delivery.call_id)) return;
    if (delivery.is_owed()) changes.deliveries[{delivery.state, delivery.destination}] += by;
    changes.unknown_outcomes += by * delivery.unknown_count;
}

}  // namespace

CounterChanges counter_changes(const WorkingSet& rows) {
    CounterChanges changes;
    for (const WorkingCall& row : rows.calls()) {
        if (row.stored) count(changes, *row.stored, -1);
        count(changes, row, 1);
    }
    for (const WorkingDelivery& row : rows.deliveries()) {
        if (row.stored) count(changes, *row.stored, -1);
        count(changes, row, 1);
    }
    return changes;
}

}  // namespace wrapup
