#include "service/alerts/traffic_ears.hpp"

namespace wrapup {

void TrafficEars::count(Counter counter, std::string_view label) {
    behind_.count(counter, label);
    const bool is_event = counter == Counter::events || counter == Counter::events_repeated;
    if (!is_event && counter != Counter::rejected) return;
    const UtcTime now = clock_.now();
    const std::lock_guard lock{mutex_};
    (is_event ? events_ : refused_).note(label, now);
}

std::vector<RecentTraffic::Line> TrafficEars::events() const {
    const std::lock_guard lock{mutex_};
    return events_.lines(clock_.now());
}

std::vector<RecentTraffic::Line> TrafficEars::refused() const {
    const std::lock_guard lock{mutex_};
    return refused_.lines(clock_.now());
}

}  // namespace wrapup
