#include "sim/claim_watch.hpp"

#include <algorithm>

namespace wrapup {

BreakerRow ClaimWatch::breaker_of(std::string_view destination) {
    const auto rows = store_.destinations();
    for (const DestinationRow& row : *rows) {
        if (row.name == destination) return row.breaker;
    }
    return {};
}

void ClaimWatch::claimed(std::string_view destination, UtcTime now, const ClaimedDeliveries& all) {
    const std::string to = " to " + std::string(destination);
    const auto begun = std::ranges::count_if(
        all.claimed, [](const ClaimedDelivery& one) { return !one.unresolved_since; });
    if (was_.state != BreakerState::closed && begun > 0) {
        if (begun > 1) violations_.push_back("breaker: two probes at once" + to);
        if (*was_.retry_at > now) violations_.push_back("breaker: an attempt too soon" + to);
    }
    const auto& rate = faults_.crm_rate;
    if (!rate || faults_.is_clock_set) return;
    auto& times = begun_[std::string(destination)];
    for (auto i = begun; i > 0; --i) times.insert(now);
    const auto in_window =
        std::distance(times.upper_bound(now - rate->per), times.upper_bound(now));
    if (in_window > rate->count) violations_.push_back("rate: too many attempts" + to);
}

void ClaimWatch::made(const std::vector<ClaimedDelivery>& claimed) {
    for (const ClaimedDelivery& one : claimed) {
        if (crm_.by_hand.contains(one.delivery.call_id)) continue;
        const std::string& destination = one.delivery.destination;
        if (breaker_of(destination).state != BreakerState::closed) {
            violations_.push_back("breaker: an attempt without a claim to " + destination);
        }
        if (faults_.crm_rate)
            violations_.push_back("rate: an attempt without a claim to " + destination);
    }
}

}  // namespace wrapup
