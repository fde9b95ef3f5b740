#include "adapters/postgres/nodes.hpp"

#include <algorithm>

#include "adapters/sql/clock_rows.hpp"
#include "base/text.hpp"

namespace wrapup::postgres {
namespace {

#define WRAPUP_NOW "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

constexpr std::int64_t alive_for_ms = 15'000;
constexpr std::int64_t gone_after_ms = 60'000;
constexpr std::int64_t changes_kept_ms = 60'000;
constexpr std::int64_t stalled_after_ms = 10'000;

std::vector<std::string> all_duties() {
    return {std::string(duty::keep), std::string(duty::place), std::string(duty::reconcile),
            std::string(duty::replay), std::string(duty::seal)};
}

// Rows that this node claimed last.
std::string held_by(std::int64_t number) {
    return " AND fence % " + std::to_string(holders_count) + " = " + std::to_string(number);
}

}  // namespace

NodeNumber register_node(Connection& connection, const NodeIdentity& node) {
    NodeNumber number;
    auto known = connection.query(
        "SELECT number, host <> ?2 AND has_stopped = 0 AND seen_at_ms > " WRAPUP_NOW
        " - ?3 FROM nodes WHERE id = ?1 FOR UPDATE",
        node.id, node.host, alive_for_ms);
    if (known.next()) {
        number.before = known.integer(0);
        if (known.integer(1) != 0) {
            connection.fail(Errc::conflict, "another machine uses the id of this data folder");
            return number;
        }
    }
    // Its earlier process is dead, or this one would not have the data folder.
    connection.run("UPDATE duties SET until_ms = 0 WHERE holder = ?1", number.before);
    auto next = connection.query("SELECT nextval('node_numbers')");
    if (next.next()) number.now = next.integer(0);
    connection.run(
        "INSERT INTO nodes (id, number, host, pid, version, started_at_ms, seen_at_ms, settings)"
        " VALUES (?1, ?2, ?3, ?4, ?5, " WRAPUP_NOW ", " WRAPUP_NOW
        ", ?6) ON CONFLICT (id) DO UPDATE SET number = excluded.number, host = excluded.host,"
        " pid = excluded.pid, version = excluded.version, started_at_ms = excluded.started_at_ms,"
        " seen_at_ms = excluded.seen_at_ms, calls_held = 0, deliveries_held = 0, has_stopped = 0,"
        " settings = excluded.settings",
        node.id, number.now, node.host, node.pid, node.version, node.settings);
    return number;
}

bool note_seen(Connection& connection, std::int64_t number, const NodeIdentity& node,
               const NodeHolds& holds, UtcTime now) {
    auto other = connection.query(
        "DELETE FROM nodes WHERE id = ?1 AND number <> ?2 AND has_stopped = 1 RETURNING number",
        node.id, number);
    if (other.next()) void_leases_of(connection, other.integer(0), now);
    // One that was not heard of for long, and cleared up after, is back.
    auto noted = connection.query(
        "INSERT INTO nodes (id, number, host, pid, version, started_at_ms, seen_at_ms, calls_held,"
        " deliveries_held, settings) VALUES (?1, ?2, ?3, ?4, ?5, " WRAPUP_NOW ", " WRAPUP_NOW
        ", ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET seen_at_ms = excluded.seen_at_ms,"
        " calls_held = excluded.calls_held, deliveries_held = excluded.deliveries_held"
        " WHERE nodes.number = excluded.number RETURNING 1",
        node.id, number, node.host, node.pid, node.version, holds.calls, holds.deliveries,
        node.settings);
    return noted.next();
}

std::vector<Duty> take_duties(Connection& connection, std::int64_t number) {
    std::vector<Duty> ours;
    auto query = connection.query(
        "INSERT INTO duties AS d (name, holder, epoch, until_ms)"
        " SELECT name, ?2, 1, " WRAPUP_NOW
        " + ?3 FROM unnest(?1) AS n (name) ORDER BY name"
        " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"
        " epoch = CASE WHEN d.holder = excluded.holder THEN d.epoch ELSE d.epoch + 1 END,"
        " until_ms = excluded.until_ms"
        " WHERE d.holder = excluded.holder OR d.until_ms <= " WRAPUP_NOW
        // Nobody takes one for as long: the clock was set back since.
        " OR d.until_ms > " WRAPUP_NOW " + 2 * ?3 RETURNING name, epoch",
        all_duties(), number, duty_lease.count());
    while (query.next()) ours.push_back({query.text(0), query.integer(1)});
    return ours;
}

std::vector<NodeRow> list_nodes(Connection& connection, std::string_view this_id) {
    std::vector<NodeRow> nodes;
    auto query = connection.query(
        "SELECT n.id, n.host, n.pid, n.version, n.started_at_ms, n.seen_at_ms, n.calls_held,"
        " n.deliveries_held, n.has_stopped, coalesce(string_agg(d.name, ' ' ORDER BY d.name), ''),"
        " n.settings"
        " FROM nodes n LEFT JOIN duties d ON d.holder = n.number AND d.until_ms > " WRAPUP_NOW
        " GROUP BY n.id ORDER BY n.id <> ?1, n.id",
        this_id);
    while (query.next()) {
        NodeRow node;
        node.id = query.text(0);
        node.host = query.text(1);
        node.pid = query.integer(2);
        node.version = query.text(3);
        node.started_at = query.time(4);
        node.seen_at = query.time(5);
        node.holds = {query.integer(6), query.integer(7)};
        node.has_stopped = query.integer(8) != 0;
        for (const std::string& name : split_list(query.view(9), ' ')) {
            if (!name.empty()) node.duties.insert(name);
        }
        node.settings = parse_setting_digests(query.view(10));
        node.sends_to = parse_sent_to(query.view(10));
        node.is_this = node.id == this_id;
        nodes.push_back(std::move(node));
    }
    return nodes;
}

// To the server a pipeline without its end is a statement at work, to which neither
// statement_timeout nor idle_in_transaction_session_timeout applies. COPY waits as long for its
// client's data, and no node does that.
int end_stalled_sessions(Connection& connection) {
    int ended = 0;
    auto query = connection.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = current_user"
        " AND state = 'active' AND wait_event = 'ClientRead' AND query NOT ILIKE 'copy%'"
        " AND state_change < clock_timestamp() - ?1 * interval '1 millisecond'",
        stalled_after_ms);
    while (query.next()) ended += 1;
    return ended;
}

std::int64_t bytes_of_counts(Connection& connection) {
    auto query = connection.query(
        "SELECT pg_relation_size('counters_by_slot') + pg_relation_size('ledger_by_slot')"
        " + pg_relation_size('outcomes_by_slot') + pg_relation_size('delays_by_slot')"
        " + pg_relation_size('commits')");
    return query.next() ? query.integer(0) : 0;
}

void leave(Connection& connection, std::int64_t number) {
    connection.run("UPDATE duties SET until_ms = 0 WHERE holder = ?1", number);
    connection.run(
        "UPDATE nodes SET has_stopped = 1, calls_held = 0, deliveries_held = 0 WHERE number = ?1",
        number);
}

std::string_view duty_of(const StoreOp& op) {
    if (std::holds_alternative<SealDay>(op)) return duty::seal;
    if (std::holds_alternative<AdvanceReplay>(op)) return duty::replay;
    return {};
}

bool has_duty(Connection& connection, std::int64_t number, const Duty& duty) {
    auto query = connection.query(
        "SELECT 1 FROM duties WHERE name = ?1 AND holder = ?2 AND epoch = ?3 AND until_ms "
        "> " WRAPUP_NOW " FOR SHARE",
        duty.name, number, duty.epoch);
    return query.next();
}

void void_leases_of(Connection& connection, std::int64_t number, UtcTime now) {
    sql::void_leases(connection, now, held_by(number) + " FOR UPDATE");
}

void clear_up(Connection& connection, UtcTime now) {
    connection.run("DELETE FROM changes WHERE at_ms < " WRAPUP_NOW " - ?1", changes_kept_ms);
    std::vector<std::int64_t> gone;
    auto query = connection.query(
        "SELECT number FROM nodes WHERE has_stopped = 1 OR seen_at_ms < " WRAPUP_NOW
        " - ?1 ORDER BY number",
        gone_after_ms);
    while (query.next()) gone.push_back(query.integer(0));
    for (const std::int64_t number : gone) {
        sql::void_leases(connection, now,
                         held_by(number) +
                             " AND (lease_until_ms IS NULL OR lease_until_ms <= " WRAPUP_NOW
                             ") FOR UPDATE SKIP LOCKED");
        const std::string held = held_by(number);
        connection.run(
            "DELETE FROM nodes WHERE number = ?1 AND seen_at_ms < " WRAPUP_NOW
            " - ?2 AND NOT EXISTS (SELECT 1 FROM calls WHERE lease_until_ms IS NOT NULL" +
                held +
                ") AND NOT EXISTS (SELECT 1 FROM deliveries"
                " WHERE lease_until_ms IS NOT NULL" +
                held + ")",
            number, gone_after_ms);
    }
}

void move_times(Connection& connection, milliseconds by) {
    if (by > milliseconds{0}) return;  // What is longer ago than it was is cleared up earlier.
    connection.run("UPDATE nodes SET seen_at_ms = seen_at_ms + ?1 WHERE seen_at_ms > " WRAPUP_NOW,
                   by.count());
    connection.run("UPDATE changes SET at_ms = at_ms + ?1 WHERE at_ms > " WRAPUP_NOW, by.count());
    connection.run("UPDATE commits SET at_ms = at_ms + ?1 WHERE at_ms > " WRAPUP_NOW, by.count());
}

void put_changes(Connection& connection, std::int64_t number,
                 const std::vector<CallChange>& changes) {
    std::string calls;
    for (const CallChange& one : changes) {
        calls += std::string(to_string(one.state)) + " " + one.call_id + "\n";
    }
    connection.run("INSERT INTO changes (node, at_ms, calls) VALUES (?1, " WRAPUP_NOW ", ?2)",
                   number, calls);
}

// Transactions below xmin have all ended; who begins later has a higher number.
std::vector<CallChange> take_changes(Connection& connection, std::int64_t number,
                                     std::string& place) {
    std::vector<CallChange> changes;
    const bool is_first = place.empty();
    auto query = connection.query(
        "WITH s AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin)"
        " SELECT s.xmin::text, c.calls FROM s LEFT JOIN changes c"
        " ON c.xid >= ?1::xid8 AND c.xid < s.xmin AND c.node <> ?2 ORDER BY c.xid",
        is_first ? std::string("0") : place, number);
    while (query.next()) {
        place = query.text(0);
        if (is_first || query.is_null(1)) continue;
        for (const std::string& line : split_list(query.view(1), '\n')) {
            const std::size_t space = line.find(' ');
            if (space == std::string::npos) continue;
            const auto state = parse_call_state(line.substr(0, space));
            if (state) changes.push_back({line.substr(space + 1), *state});
        }
    }
    return changes;
}

}  // namespace wrapup::postgres
