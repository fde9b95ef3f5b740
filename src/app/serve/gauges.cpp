#include "app/serve/gauges.hpp"

namespace wrapup {
namespace {

constexpr seconds refresh_every{10};

std::vector<Gauge> gauges_of(const StoreCounts& counts) {
    std::vector<Gauge> gauges;
    for (const auto& [state, count] : counts.calls) {
        gauges.push_back({"wrapup_calls",
                          "Calls by state.",
                          {{"state", std::string(to_string(state))}},
                          static_cast<double>(count)});
    }
    for (const auto& [reason, count] : counts.parked) {
        gauges.push_back({"wrapup_parked_calls",
                          "Calls that wait for a person, by reason.",
                          {{"reason", std::string(to_string(reason))}},
                          static_cast<double>(count)});
    }
    for (const auto& [name, counted] : counts.destinations) {
        gauges.push_back({"wrapup_deliveries_pending",
                          "Records on their way, by destination.",
                          {{"destination", name}},
                          static_cast<double>(counted.pending)});
        gauges.push_back({"wrapup_deliveries_parked",
                          "Records that wait for a person, by destination.",
                          {{"destination", name}},
                          static_cast<double>(counted.parked)});
    }
    gauges.push_back({"wrapup_late_conflict_calls",
                      "Calls with a late word against the record.",
                      {},
                      static_cast<double>(counts.late_conflicts)});
    gauges.push_back({"wrapup_unknown_outcome_attempts",
                      "Attempts whose outcome nobody knows.",
                      {},
                      static_cast<double>(counts.unknown_outcomes)});
    return gauges;
}

}  // namespace

Task<void> Gauges::run() {
    while (!is_stopping_) {
        if (is_watched_.exchange(false)) {
            auto read = [this] { return store_.counts(); };
            const auto counts = co_await reads_.run(read);
            if (counts) {
                const std::lock_guard lock(mutex_);
                latest_ = gauges_of(*counts);
            }
        }
        const UtcTime until = clock_.now() + refresh_every;
        co_await clock_.sleep_until(until, &alarm_);
    }
}

std::vector<Gauge> Gauges::latest() {
    is_watched_ = true;
    const std::lock_guard lock(mutex_);
    return latest_;
}

}  // namespace wrapup
