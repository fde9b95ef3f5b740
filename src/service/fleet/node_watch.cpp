#include "service/fleet/node_watch.hpp"

#include <utility>

namespace wrapup {

Result<void> NodeWatch::begin() {
    WRAPUP_TRY(FleetNews news, ports_.fleet.beat({}));
    hear(std::move(news));
    return {};
}

Task<void> NodeWatch::run() {
    while (!is_stopping_) {
        // Not all nodes in step.
        const milliseconds wait{static_cast<std::int64_t>(800 + prng_.below(400))};
        const UtcTime until = ports_.clock.now() + wait;
        co_await ports_.clock.sleep_until(until, &alarm_);
        if (is_stopping_) break;
        const NodeHolds holds = ports_.holds();
        auto beat = [&] {
            auto told = ports_.fleet.beat(holds);
            if (told) ports_.heard(*told);
            return told;
        };
        auto news = co_await ports_.pool.run(beat);
        if (news) {
            hear(*std::move(news));
        } else {
            ports_.metrics.count(Counter::store_errors, "beat");
            const std::lock_guard lock(mutex_);
            told_.beat_failed(news.error());
        }
    }
}

void NodeWatch::hear(FleetNews news) {
    if (!news.changes.empty()) ports_.calls_changed(std::move(news.changes));
    const std::lock_guard lock(mutex_);
    told_.heard(news);
    nodes_ = std::move(news.nodes);
}

std::vector<NodeRow> NodeWatch::nodes() const {
    const std::lock_guard lock(mutex_);
    return nodes_;
}

std::vector<AlertCondition> NodeWatch::alerts() const {
    const std::lock_guard lock(mutex_);
    return told_.alerts();
}

}  // namespace wrapup
