#pragma once

// Notices commits that were acknowledged and are gone: a log (-wal) that was removed or cut while
// nobody was at it, an older file in the database's place. Every durable commit counts one in the
// database and, after it is on the disk, in a small file beside it, which is not synced: it may be
// behind after a power cut, and is never ahead unless the database lost something.

#include <optional>
#include <string>

#include "adapters/sqlite/handle.hpp"
#include "base/time.hpp"

namespace wrapup::sqlite {

class CommitCount {
public:
    CommitCount() = default;
    CommitCount(CommitCount&& other) noexcept;
    CommitCount& operator=(CommitCount&& other) noexcept;
    ~CommitCount();

    // What the file beside the database is: of one that was there before this one was made; its
    // own, so that it must be there once something was counted; or that is not known.
    enum class Beside { older, its_own, unknown };

    // After the migrations. What is gone is kept under lost_commits_key, as found at `now`, and
    // counting goes on from there; so is it, with lost_count_unknown, where the file should tell
    // and does not.
    static Result<CommitCount> open(Connection& writer, Beside beside, UtcTime now);

    // Within a transaction that changed something.
    void count(Connection& writer, UtcTime now);
    // After its commit. That the file cannot be written costs the notice and nothing else.
    void note() const;

private:
    std::int64_t count_ = 0;
    std::int64_t at_s_ = 0;
    int descriptor_ = -1;
};

}  // namespace wrapup::sqlite
