// The time that all nodes go by, and what happens when the database's clock is set.

#include "adapters/postgres/store.hpp"
#include "adapters/sql/clock_rows.hpp"

namespace wrapup {
namespace {

using postgres::Connection;

// Of the kept values.
constexpr std::string_view moved_key = "clock.moved_ms";

// Longer than any lease.
constexpr std::chrono::minutes lease_max{6};

// Leases of which the end was told by the clock of before. Who holds one goes on with it.
void move_leases(Connection& connection, milliseconds by, UtcTime now) {
    for (const char* const table : {"calls", "deliveries"}) {
        for (const char* const waiting : {"wakes_at_ms IS NOT NULL", "due_at_ms IS NULL"}) {
            connection.run(std::string("UPDATE ") + table +
                               " SET lease_until_ms = lease_until_ms + ?1 WHERE " + waiting +
                               " AND lease_until_ms IS NOT NULL"
                               " AND CASE WHEN ?1 > 0 THEN lease_until_ms <= ?2"
                               " ELSE lease_until_ms > ?3 END",
                           by.count(), now, now + lease_max);
        }
    }
}

// All that waits, kept as moved, so that other nodes learn it. With the nodes' rows locked, as
// beats do: what a node says of itself before its duties.
void move_waits(Connection& connection, milliseconds by, UtcTime told) {
    sql::shift_times(connection, by, milliseconds{0}, told);
    move_leases(connection, by, told);
    postgres::move_times(connection, by);
    connection.run(
        "INSERT INTO kept_values AS k (key, value) VALUES (?1, ?2)"
        " ON CONFLICT (key) DO UPDATE"
        " SET value = (k.value::bigint + excluded.value::bigint)::text",
        moved_key, std::string_view(std::to_string(by.count())));
}

void lock_nodes(Connection& connection) {
    connection.run("SELECT 1 FROM nodes ORDER BY id FOR UPDATE");
}

struct LastRun {
    UtcTime now{};
    milliseconds ahead{};  // Of now, when the last commit was counted.
};
LastRun look_at_last_run(Connection& connection) {
    auto clock = connection.query(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, max(at_ms) FROM commits");
    if (!clock.next() || clock.is_null(1)) return {};
    return {clock.time(0), clock.time(1) - clock.time(0)};
}

}  // namespace

PostgresStore::Time PostgresStore::read_time(Connection& connection) {
    ToldClock::Reading reading;
    reading.before = steady_();
    auto clock = connection.query(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,"
        " coalesce((SELECT value::bigint FROM kept_values WHERE key = ?1), 0)",
        moved_key);
    if (!clock.next()) return {};
    reading.after = steady_();
    reading.told = clock.time(0);
    reading.moved = milliseconds{clock.integer(1)};
    const std::lock_guard lock{clock_mutex_};
    const auto owed = clock_.hear(reading);
    if (owed && tell_time_) tell_time_(reading.before, reading.after, reading.told - *owed);
    const milliseconds step = clock_.take_step();
    if (step != milliseconds{0} && tell_step_) tell_step_(step);
    return {reading.told, step};
}

Result<void> PostgresStore::on_time(std::function<milliseconds()> steady, TellTime tell) {
    {
        const std::lock_guard lock{clock_mutex_};
        steady_ = std::move(steady);
        tell_time_ = std::move(tell);
        clock_ = {};
    }
    return write(Durability::local, UtcTime{}, [](Connection&) {});
}

void PostgresStore::on_step(std::function<void(milliseconds)> tell) {
    const std::lock_guard lock{clock_mutex_};
    tell_step_ = std::move(tell);
}

milliseconds PostgresStore::owed() const {
    const std::lock_guard lock{clock_mutex_};
    return clock_.owed();
}

// Everything that waits keeps the wait that it had left. Once for all nodes: nobody writes
// meanwhile, by how much is found out after that, and the duty is still the one that this node had
// when it noticed the step, however late its machine lets it go on.
void PostgresStore::bring_in_clock(const std::optional<postgres::Duty>& keeps, UtcTime now) {
    {
        const std::lock_guard lock{clock_mutex_};
        if (!clock_.is_to_move(keeps.has_value(), steady_())) return;
    }
    const auto move = [&](Connection& connection) {
        const milliseconds by = owed();
        lock_nodes(connection);
        auto duty = connection.query(
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM duties"
            " WHERE name = ?1 AND holder = ?2 AND epoch = ?3 FOR UPDATE",
            keeps->name, number_.now, keeps->epoch);
        if (by == milliseconds{0} || !duty.next()) return;
        move_waits(connection, by, duty.time(0));
    };
    // One that fails is tried again with the next beat.
    (void)write(Durability::durable, now, move, Turn::alone);
}

// A clock that was set back while no node ran: all that waits lies ahead by as much. Where others
// do run, they have moved it, or learn by `moved_key` that it was. Nobody is kept waiting for a
// look.
Result<void> PostgresStore::take_over_clock() {
    if (options_.lease_clock != LeaseClock::database) return {};
    milliseconds ahead{};
    WRAPUP_CHECK(read([&](Connection& connection) { ahead = look_at_last_run(connection).ahead; }));
    if (ahead < clock_step_min) return {};
    const auto move = [&](Connection& connection) {
        lock_nodes(connection);
        const LastRun last = look_at_last_run(connection);
        set_before_start_.reset();
        if (last.ahead < clock_step_min) return;
        set_before_start_ = -last.ahead;
        move_waits(connection, -last.ahead, last.now);
    };
    return write(Durability::durable, UtcTime{}, move, Turn::alone);
}

}  // namespace wrapup
