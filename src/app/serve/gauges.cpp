#include "app/serve/gauges.hpp"

#include <algorithm>

namespace wrapup {
namespace {

constexpr seconds refresh_every{10};

void add_calls(std::vector<Gauge>& gauges, const StoreCounts& counts) {
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
    gauges.push_back({"wrapup_late_conflict_calls",
                      "Calls with a late word against the record.",
                      {},
                      static_cast<double>(counts.late_conflicts)});
    gauges.push_back({"wrapup_unknown_outcome_attempts",
                      "Attempts whose outcome nobody knows.",
                      {},
                      static_cast<double>(counts.unknown_outcomes)});
}

void add_destination(std::vector<Gauge>& gauges, const DestinationRow& row,
                     const DestinationCounts& counted, int places) {
    const std::vector<std::pair<std::string, std::string>> label{{"destination", row.name}};
    gauges.push_back({"wrapup_deliveries_pending", "Records on their way, by destination.", label,
                      static_cast<double>(counted.pending)});
    gauges.push_back({"wrapup_deliveries_parked", "Records that wait for a person, by destination.",
                      label, static_cast<double>(counted.parked)});
    gauges.push_back({"wrapup_destination_state",
                      "1 for the state that the destination is in.",
                      {{"destination", row.name}, {"state", std::string(to_string(row.state))}},
                      1.0});
    gauges.push_back({"wrapup_breaker_open",
                      "1 while the destination is in trouble and only probed.", label,
                      row.breaker.state == BreakerState::closed ? 0.0 : 1.0});
    gauges.push_back({"wrapup_destination_places",
                      "Attempts that the destination may have under way at a time.", label,
                      static_cast<double>(places)});
}

}  // namespace

Result<Gauges::Read> Gauges::read(CallQueries& store) {
    const auto counts = store.counts();
    if (!counts) return counts.error();
    const auto destinations = store.destinations();
    if (!destinations) return destinations.error();
    return Read{*counts, *destinations};
}

std::vector<Gauge> Gauges::gauges_of(const Read& read) const {
    std::vector<DestinationRow> rows = read.destinations;
    for (const std::string& name : destinations_) {
        const auto row = std::ranges::find(rows, name, &DestinationRow::name);
        if (row == rows.end()) rows.push_back({.name = name});
    }
    std::vector<Gauge> gauges;
    add_calls(gauges, read.counts);
    for (const DestinationRow& row : rows) {
        const auto found = read.counts.destinations.find(row.name);
        const bool has_open = found != read.counts.destinations.end();
        add_destination(gauges, row, has_open ? found->second : DestinationCounts{},
                        places_(row.name));
    }
    return gauges;
}

Task<void> Gauges::run() {
    while (!is_stopping_) {
        if (is_watched_.exchange(false)) {
            auto work = [this] { return read(store_); };
            const auto read = co_await reads_.run(work);
            if (read) {
                std::vector<Gauge> gauges = gauges_of(*read);
                const std::lock_guard lock(mutex_);
                latest_ = std::move(gauges);
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
