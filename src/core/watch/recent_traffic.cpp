#include "core/watch/recent_traffic.hpp"

namespace wrapup {
namespace {

std::int64_t minute_of(UtcTime time) {
    return std::chrono::floor<std::chrono::minutes>(time.time_since_epoch()).count();
}

}  // namespace

void RecentTraffic::note(std::string_view kind, UtcTime now) {
    auto found = kinds_.find(kind);
    if (found == kinds_.end()) found = kinds_.emplace(kind, Kind{}).first;
    Kind& known = found->second;
    const std::int64_t minute = minute_of(now);
    const auto slot = static_cast<std::size_t>(minute % minutes_count);
    if (known.minutes[slot] != minute) known.counts[slot] = 0;
    known.minutes[slot] = minute;
    known.counts[slot] += 1;
    known.last_at = now;
}

std::vector<RecentTraffic::Line> RecentTraffic::lines(UtcTime now) const {
    const std::int64_t minute = minute_of(now);
    std::vector<Line> lines;
    for (const auto& [name, kind] : kinds_) {
        Line line{name, 0, kind.last_at};
        for (std::size_t slot = 0; slot < kind.counts.size(); ++slot) {
            const std::int64_t age = minute - kind.minutes[slot];
            if (age >= 0 && age < minutes_count) line.last_hour += kind.counts[slot];
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace wrapup
