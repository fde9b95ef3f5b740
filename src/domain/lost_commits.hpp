#pragma once

// Commits that were acknowledged and that the store does not have any more: its files were cut,
// removed or replaced while nobody was at them, or a database went on without them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace wrapup {

// Of the kept values.
inline constexpr std::string_view lost_commits_key = "store.lost_commits";

// Of LostCommits: what tells whether any are gone is gone itself.
inline constexpr std::int64_t lost_count_unknown = 0;

struct LostCommits {
    std::int64_t count = 0;
    UtcTime from{};   // The last commit that is there.
    UtcTime until{};  // The last one that was acknowledged.
    UtcTime found_at{};

    bool operator==(const LostCommits&) const = default;
};

// What two nodes lost.
LostCommits operator+(const LostCommits& one, const LostCommits& other);

std::string encode(const LostCommits& lost);
// Nothing when it is no such text.
std::optional<LostCommits> decode_lost_commits(std::string_view text);

// What may have become of them, where the store is a file, and where it is a database.
inline constexpr std::string_view lost_with_file =
    "its log (-wal) was removed or cut, or an older file was put in its place";
inline constexpr std::string_view lost_with_database =
    "a standby that lacked them was promoted, or the database was restored to an earlier time";

// "the store is 12 commits behind what was acknowledged, from 2026-03-01T10:00:00Z until …: …"
std::string words_of(const LostCommits& lost, std::string_view why);

}  // namespace wrapup
