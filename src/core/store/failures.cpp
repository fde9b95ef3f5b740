#include "core/store/failures.hpp"

#include <algorithm>

namespace wrapup {
namespace {

void see(FailureChange& change, const WorkingDelivery& row) {
    const Attempt& attempt = row.new_attempts.back();
    if (!change.seen) {
        change.seen = FailureGroup{.fingerprint = row.delivery.fingerprint,
                                   .destination = row.delivery.destination,
                                   .outcome = attempt.outcome,
                                   .http_status = attempt.http_status,
                                   .cause = cause_of(attempt),
                                   .open = 0,
                                   .first_at = attempt.started_at,
                                   .last_at = attempt.started_at,
                                   .sample = {}};
        return;
    }
    change.seen->first_at = std::min(change.seen->first_at, attempt.started_at);
    change.seen->last_at = std::max(change.seen->last_at, attempt.started_at);
}

}  // namespace

FailureChanges failure_changes(const WorkingSet& rows) {
    FailureChanges changes;
    for (const WorkingDelivery& row : rows.deliveries()) {
        const std::string& after = row.delivery.fingerprint;
        if (row.stored && !row.stored->delivery.fingerprint.empty()) {
            changes[row.stored->delivery.fingerprint].by -= 1;
        }
        if (after.empty()) continue;
        FailureChange& change = changes[after];
        change.by += 1;
        if (!row.new_attempts.empty()) see(change, row);
    }
    std::erase_if(changes, [](const auto& one) { return one.second.by == 0 && !one.second.seen; });
    return changes;
}

void name_failure(Delivery& delivery, const Attempt* ended) {
    if (!delivery.is_owed()) {
        delivery.fingerprint.clear();
    } else if (ended != nullptr) {
        delivery.fingerprint = ended->outcome == AttemptOutcome::accepted
                                   ? std::string()
                                   : fingerprint_of(delivery.destination, *ended);
    }
}

}  // namespace wrapup
