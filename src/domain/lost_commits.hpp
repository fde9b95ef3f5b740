#pragma once

// Commits that were acknowledged and that the store does not have any more: its files were cut,
// removed or replaced while nobody was at them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace wrapup {

// Of the kept values.
inline constexpr std::string_view lost_commits_key = "store.lost_commits";

struct LostCommits {
    std::int64_t count = 0;
    UtcTime from{};   // The last commit that is there.
    UtcTime until{};  // The last one that was acknowledged.
    UtcTime found_at{};

    bool operator==(const LostCommits&) const = default;
};

std::string encode(const LostCommits& lost);
// Nothing when it is no such text.
std::optional<LostCommits> decode_lost_commits(std::string_view text);

// "12 commits of 2026-03-01T10:00:00Z to … are gone from the store: …"
std::string words_of(const LostCommits& lost);

}  // namespace wrapup
