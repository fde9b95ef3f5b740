#pragma once

// Replays, and looking for what they concern.

#include <optional>
#include <string_view>
#include <vector>

#include "adapters/sqlite/rows.hpp"

namespace wrapup::sqlite {

std::optional<ReplayJob> read_replay(Connection& connection, std::int64_t id);
std::optional<ReplayJob> read_replay_of(Connection& connection, std::string_view token);
std::vector<ReplayJob> read_replays(Connection& connection, std::optional<ReplayState> state,
                                    int limit);
void save_replay(Connection& connection, const ReplayJob& job);

// As StoreQueries::walk_replay.
ReplayWalk walk_replay(Connection& connection, const ReplayOrder& order, std::int64_t after_id,
                       std::int64_t last_id, std::int64_t limit);

}  // namespace wrapup::sqlite
