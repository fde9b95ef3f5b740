// What the store tells of replays.

#include "adapters/sqlite/replay_rows.hpp"
#include "adapters/sqlite/store.hpp"

namespace wrapup {

using sqlite::Connection;

Result<ReplayWalk> SqliteStore::walk_replay(const ReplayOrder& order, std::int64_t after_id,
                                            std::int64_t last_id, int limit) {
    ReplayWalk walk;
    WRAPUP_CHECK(read([&](Connection& connection) {
        walk = sqlite::walk_replay(connection, order, after_id, last_id, limit);
    }));
    return walk;
}

Result<ReplayJob> SqliteStore::find_replay(std::int64_t id) {
    std::optional<ReplayJob> job;
    WRAPUP_CHECK(read([&](Connection& connection) { job = sqlite::read_replay(connection, id); }));
    if (!job) return Error{Errc::not_found, "no such replay"};
    return *std::move(job);
}

Result<std::vector<ReplayJob>> SqliteStore::list_replays(std::optional<ReplayState> state,
                                                         int limit) {
    std::vector<ReplayJob> jobs;
    WRAPUP_CHECK(read(
        [&](Connection& connection) { jobs = sqlite::read_replays(connection, state, limit); }));
    return jobs;
}

}  // namespace wrapup
