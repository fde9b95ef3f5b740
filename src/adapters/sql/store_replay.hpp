#pragma once

// What the store tells of replays.

#include "adapters/sql/replay_rows.hpp"
#include "adapters/sql/store.hpp"

namespace wrapup::sql {

template <class Db>
Result<ReplayWalk> SqlStore<Db>::walk_replay(const ReplayOrder& order, std::int64_t after_id,
                                             std::int64_t last_id, int limit) {
    ReplayWalk walk;
    WRAPUP_CHECK(read([&](Db& connection) {
        walk = sql::walk_replay(connection, order, after_id, last_id, limit);
    }));
    return walk;
}

template <class Db>
Result<ReplayJob> SqlStore<Db>::find_replay(std::int64_t id) {
    std::optional<ReplayJob> job;
    WRAPUP_CHECK(read([&](Db& connection) { job = read_replay(connection, id); }));
    if (!job) return Error{Errc::not_found, "no such replay"};
    return *std::move(job);
}

template <class Db>
Result<std::vector<ReplayJob>> SqlStore<Db>::list_replays(std::optional<ReplayState> state,
                                                          int limit) {
    std::vector<ReplayJob> jobs;
    WRAPUP_CHECK(read([&](auto& connection) { jobs = read_replays(connection, state, limit); }));
    return jobs;
}

}  // namespace wrapup::sql
