#pragma once

// Replays, and looking for what they concern.

#include <algorithm>

#include "adapters/sql/rows.hpp"
#include "adapters/sql/texts.hpp"

namespace wrapup::sql {

#define WRAPUP_REPLAY_COLUMNS                                                               \
    "id, token, reason, state, started_at_ms, ended_at_ms, count, last_id, walked_to,"      \
    " released, accepted, failed, skipped, is_again, is_earlier, to_destination, of_state," \
    " of_parked, of_destination, of_outcome, of_campaign, of_after_ms, of_before_ms,"       \
    " of_fingerprint, gives_up, given_up, left_there, left_unwanted, left_lost, met_there," \
    " met_unwanted, met_lost"
ReplayJob read_row(auto& connection, const auto& query) {
    ReplayJob job;
    job.id = query.integer(0);
    job.token = query.text(1);
    job.reason = query.text(2);
    const auto state = parse_replay_state(query.view(3));
    if (!state) connection.fail_corrupt("an unknown word in a column");
    job.state = state.value_or(ReplayState::done);
    job.started_at = query.time(4);
    job.ended_at = query.optional_time(5);
    job.count = query.integer(6);
    job.last_id = query.integer(7);
    job.walked_to = query.integer(8);
    job.released = query.integer(9);
    job.accepted = query.integer(10);
    job.failed = query.integer(11);
    job.skipped = query.integer(12);
    job.order.is_again = query.integer(13) != 0;
    job.order.is_earlier = query.integer(14) != 0;
    job.order.to = query.text(15);
    ReplayFilter& filter = job.order.filter;
    filter.state = read_delivery_state(connection, query, 16);
    filter.parked = read_parked(connection, query, 17);
    filter.destination = query.text(18);
    filter.outcome = read_outcome(connection, query, 19);
    filter.campaign = query.text(20);
    filter.after = query.optional_time(21);
    filter.before = query.optional_time(22);
    filter.fingerprint = query.text(23);
    job.order.gives_up = query.integer(24) != 0;
    job.given_up = query.integer(25);
    job.left_out = {query.integer(26), query.integer(27), query.integer(28)};
    job.met = {query.integer(29), query.integer(30), query.integer(31)};
    return job;
}

std::optional<ReplayJob> read_one(auto& connection, auto query) {
    if (!query.next()) return std::nullopt;
    return read_row(connection, query);
}

void take_call(auto& connection, const auto& query, int column, ReplayCandidate& candidate) {
    candidate.call_id = query.text(column);
    candidate.outcome = read_outcome(connection, query, column + 1);
    candidate.campaign = query.text(column + 2);
    candidate.first_event_at = query.time(column + 3);
}

std::int64_t greatest(auto& connection, std::string_view sql, std::int64_t last_id) {
    auto query = connection.query(sql);
    return query.next() ? std::min(last_id, query.integer(0)) : 0;
}

// Of what is parked, and of what failed in one way, there are few, and an index of their own; other
// orders look at every row.
ReplayWalk walk_deliveries(auto& connection, const ReplayOrder& order, std::int64_t after_id,
                           std::int64_t last_id, std::int64_t limit) {
#define WRAPUP_IN_ORDER " ORDER BY d.id LIMIT ?4"
#define WRAPUP_SELECT_CANDIDATES                                                               \
    "SELECT d.id, d.destination, d.state, d.parked, d.replay_id, c.id, c.outcome, c.campaign," \
    " c.first_event_at_ms, CASE WHEN ?3 = '' THEN NULL ELSE c.metadata END, ?3 <> '' AND"      \
    " EXISTS (SELECT 1 FROM deliveries o WHERE o.call_no = d.call_no AND o.destination = ?3)," \
    " d.fingerprint FROM deliveries d"
#define WRAPUP_OF_CANDIDATES \
    " CROSS JOIN calls c ON c.no = d.call_no WHERE d.id > ?1 AND d.id <= ?2" WRAPUP_IN_ORDER
    const bool is_parked = !order.is_again && order.filter.state.value_or(DeliveryState::parked) ==
                                                  DeliveryState::parked;
    const std::string& cause = order.filter.fingerprint;
    const std::string_view sql =
        !cause.empty() ? WRAPUP_SELECT_CANDIDATES
            " INDEXED BY deliveries_failed CROSS JOIN calls c ON c.no = d.call_no"
            " WHERE d.fingerprint = ?5 AND d.fingerprint <> '' AND d.id > ?1 AND d.id <= "
            "?2" WRAPUP_IN_ORDER
        : is_parked ? WRAPUP_SELECT_CANDIDATES
            " INDEXED BY deliveries_parked_ids CROSS JOIN calls c ON c.no = d.call_no"
            " WHERE d.parked IS NOT NULL AND d.id > ?1 AND d.id <= ?2" WRAPUP_IN_ORDER
                    : WRAPUP_SELECT_CANDIDATES WRAPUP_OF_CANDIDATES;
    ReplayWalk walk;
    walk.last = greatest(connection, "SELECT max(id) FROM deliveries", last_id);
    auto query = cause.empty()
                     ? connection.query(sql, after_id, last_id, order.to, replay_scan_max)
                     : connection.query(sql, after_id, last_id, order.to, replay_scan_max, cause);
    for (int looked_at = 0; query.next();) {
        ReplayCandidate candidate;
        candidate.id = query.integer(0);
        candidate.destination = query.text(1);
        candidate.state =
            read_delivery_state(connection, query, 2).value_or(DeliveryState::pending);
        candidate.parked = read_parked(connection, query, 3);
        candidate.is_replaying = query.integer(4) != 0;
        take_call(connection, query, 5, candidate);
        if (!query.is_null(9)) candidate.metadata = *read_metadata(connection, query, 9);
        candidate.is_there = query.integer(10) != 0;
        candidate.fingerprint = query.text(11);
        walk.reached = candidate.id;
        if (matches(order, candidate)) walk.found.push_back(std::move(candidate));
        if (++looked_at == replay_scan_max || std::ssize(walk.found) >= limit) return walk;
    }
    walk.reached = last_id;
    return walk;
}

// Calls with a record and without a delivery to the destination.
ReplayWalk walk_calls(auto& connection, const ReplayOrder& order, std::int64_t after_id,
                      std::int64_t last_id, std::int64_t limit) {
    ReplayWalk walk;
    walk.last = greatest(connection, "SELECT max(no) FROM calls", last_id);
    auto query = connection.query(
        "SELECT c.no, c.id, c.outcome, c.campaign, c.first_event_at_ms, c.settled_at_ms, c.state,"
        " c.parked, c.metadata,"
        " (SELECT max(CASE WHEN d.destination = ?3 THEN 1 ELSE 0 END) FROM deliveries d WHERE "
        "d.call_no = c.no),"
        " (SELECT min(d.id) FROM deliveries d WHERE d.call_no = c.no)"
        " FROM calls c WHERE c.no > ?1 AND c.no <= ?2 ORDER BY c.no LIMIT ?4",
        after_id, last_id, order.filter.destination, replay_scan_max);
    for (int looked_at = 0; query.next();) {
        ReplayCandidate candidate;
        candidate.id = query.integer(0);
        walk.reached = candidate.id;
        const bool has_it = query.optional_integer(9).value_or(0) != 0;
        const bool is_meant = !query.is_null(5) && query.view(6) != to_string(CallState::merged) &&
                              query.view(7) != to_string(ParkReason::forgotten) && !has_it;
        if (is_meant) {
            take_call(connection, query, 1, candidate);
            candidate.metadata = read_metadata(connection, query, 8).value_or(CallMetadata{});
            candidate.delivery_id = query.optional_integer(10).value_or(0);
            if (matches(order, candidate)) walk.found.push_back(std::move(candidate));
        }
        if (++looked_at == replay_scan_max || std::ssize(walk.found) >= limit) return walk;
    }
    walk.reached = last_id;
    return walk;
}

std::optional<ReplayJob> read_replay(auto& connection, std::int64_t id) {
    return read_one(
        connection,
        connection.query("SELECT " WRAPUP_REPLAY_COLUMNS " FROM replays WHERE id = ?1", id));
}

std::optional<ReplayJob> read_replay_of(auto& connection, std::string_view token) {
    return read_one(
        connection,
        connection.query("SELECT " WRAPUP_REPLAY_COLUMNS " FROM replays WHERE token = ?1", token));
}

std::vector<ReplayJob> read_replays(auto& connection, std::optional<ReplayState> state, int limit) {
    std::vector<ReplayJob> jobs;
    auto query = connection.query("SELECT " WRAPUP_REPLAY_COLUMNS
                                  " FROM replays WHERE CAST(?1 AS TEXT) IS NULL OR state = ?1"
                                  " ORDER BY id DESC LIMIT ?2",
                                  state, limit);
    while (query.next()) jobs.push_back(read_row(connection, query));
    return jobs;
}

void save_replay(auto& connection, const ReplayJob& job) {
    const ReplayFilter& filter = job.order.filter;
    static const std::string put = upsert_text("replays", WRAPUP_REPLAY_COLUMNS);
    connection.run(put, job.id, job.token, job.reason, job.state, job.started_at, job.ended_at,
                   job.count, job.last_id, job.walked_to, job.released, job.accepted, job.failed,
                   job.skipped, job.order.is_again, job.order.is_earlier, job.order.to,
                   filter.state, filter.parked, filter.destination, filter.outcome, filter.campaign,
                   filter.after, filter.before, filter.fingerprint, job.order.gives_up,
                   job.given_up, job.left_out.there, job.left_out.unwanted, job.left_out.lost,
                   job.met.there, job.met.unwanted, job.met.lost);
}

ReplayWalk walk_replay(auto& connection, const ReplayOrder& order, std::int64_t after_id,
                       std::int64_t last_id, std::int64_t limit) {
    if (order.is_earlier) return walk_calls(connection, order, after_id, last_id, limit);
    return walk_deliveries(connection, order, after_id, last_id, limit);
}

}  // namespace wrapup::sql
