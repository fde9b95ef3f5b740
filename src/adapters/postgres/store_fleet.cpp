// What a node says and hears of the others.

#include <algorithm>
#include <utility>

#include "adapters/postgres/nodes.hpp"
#include "adapters/postgres/store.hpp"

namespace wrapup {

Result<FleetNews> PostgresStore::beat(const NodeHolds& holds) {
    constexpr milliseconds margin{3'000};
    constexpr int clear_up_every = 10;
    FleetNews news;
    std::vector<postgres::Duty> ours;
    std::string place;
    std::int64_t counted_bytes = 0;
    const milliseconds until = steady_() + duty_lease - margin;
    UtcTime now;
    const std::lock_guard lock{beating_.mutex};
    beats_count_ += 1;
    WRAPUP_CHECK(run(beating_, [&](Connection& connection) {
        connection.run("BEGIN");
        connection.run("SET LOCAL synchronous_commit = local");
        connection.ahead = milliseconds{0};
        now = read_time(connection).told;
        // First, since what follows may wait for a lock that such a session holds.
        news.stalled_sessions = postgres::end_stalled_sessions(connection);
        news.is_replaced = !postgres::note_seen(connection, number_.now, options_.node, holds, now);
        ours.clear();
        if (!news.is_replaced) ours = postgres::take_duties(connection, number_.now);
        news.nodes = postgres::list_nodes(connection, options_.node.id);
        place = changes_place_;
        news.changes = postgres::take_changes(connection, number_.now, place);
        counted_bytes = postgres::bytes_of_counts(connection);
        const bool keeps = std::ranges::count(ours, duty::keep, &postgres::Duty::name) > 0;
        const bool clears = keeps || news.is_replaced;  // Nobody else may be there to do it.
        if (clears && beats_count_ % clear_up_every == 1) postgres::clear_up(connection, now);
    }));
    const auto keeps = std::ranges::find(ours, duty::keep, &postgres::Duty::name);
    bring_in_clock(keeps == ours.end() ? std::nullopt : std::optional{*keeps}, now);
    {
        const std::lock_guard clock_lock{clock_mutex_};
        news.clock_set_by = clock_.take_news();
        if (set_before_start_) news.clock_set_by = std::exchange(set_before_start_, std::nullopt);
    }
    is_replaced_ = news.is_replaced;
    changes_place_ = std::move(place);
    turn_slot(counted_bytes);
    has_company_ = std::ranges::count(news.nodes, false, &NodeRow::has_stopped) > 1;
    const std::lock_guard duties_lock{duties_mutex_};
    duties_.clear();
    for (postgres::Duty& one : ours) duties_.push_back({std::move(one), until});
    return news;
}

void PostgresStore::leave() {
    {
        const std::lock_guard lock{duties_mutex_};
        duties_.clear();
    }
    const std::lock_guard lock{beating_.mutex};
    // One that is not heard of any more is found out in the end.
    (void)run(beating_, [&](Connection& connection) {
        connection.run("BEGIN");
        postgres::leave(connection, number_.now);
    });
}

std::optional<postgres::Duty> PostgresStore::find_duty(std::string_view name) const {
    const std::lock_guard lock{duties_mutex_};
    for (const HeldDuty& one : duties_) {
        if (one.duty.name == name && steady_() < one.until) return one.duty;
    }
    return std::nullopt;
}

bool PostgresStore::has(std::string_view duty) const { return find_duty(duty).has_value(); }

// What is counted with each commit grows only while somebody holds a snapshot: then no version of a
// row goes away, and each commit looks through all of them. New rows begin without.
void PostgresStore::turn_slot(std::int64_t counted_bytes) {
    constexpr std::int64_t bytes_per_turn = 128 * 1024;
    counted_bytes_ = std::min(counted_bytes_, counted_bytes);
    if (counted_bytes - counted_bytes_ < bytes_per_turn) return;
    counted_bytes_ = counted_bytes;
    slot_turns_ += 1;
}

std::int64_t PostgresStore::slot() const {
    constexpr std::int64_t nodes = 16;
    return number_.now % nodes + nodes * (slot_turns_ % slot_turns_max);
}

}  // namespace wrapup
