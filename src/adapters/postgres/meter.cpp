#include "adapters/postgres/meter.hpp"

#include <chrono>

namespace wrapup::postgres {
namespace {

std::int64_t wall_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<milliseconds>(now).count();
}

}  // namespace

void Meter::count_with(Metrics* metrics) {
    const std::lock_guard lock{mutex_};
    metrics_ = metrics;
}

void Meter::set_up(bool is_up) {
    if (standing_.is_up == is_up && standing_.since_ms != 0) return;
    standing_.is_up = is_up;
    standing_.since_ms = wall_ms();
}

void Meter::connected(const Timeline& timeline) {
    const std::lock_guard lock{mutex_};
    set_up(true);
    standing_.timeline = timeline.number;
    if (metrics_ != nullptr) metrics_->count(Counter::database_connects, "ok");
}

void Meter::connect_failed() {
    const std::lock_guard lock{mutex_};
    set_up(false);
    if (metrics_ != nullptr) metrics_->count(Counter::database_connects, "failed");
}

void Meter::wrote(const Connection* connection, bool is_done) {
    const std::lock_guard lock{mutex_};
    if (metrics_ == nullptr) return;
    if (!is_done) {
        const bool is_unknown = connection != nullptr && connection->is_unknown();
        metrics_->count(Counter::database_commits, is_unknown ? "unknown" : "failed");
        return;
    }
    metrics_->count(Counter::database_commits, "done");
    const Connection::Cost& cost = connection->last_cost();
    metrics_->observe(Histogram::database_commit_seconds, cost.commit.count());
    metrics_->observe(Histogram::database_round_trips, cost.round_trips);
}

Meter::Standing Meter::standing() const {
    const std::lock_guard lock{mutex_};
    return standing_;
}

}  // namespace wrapup::postgres
