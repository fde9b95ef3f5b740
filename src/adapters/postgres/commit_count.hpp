#pragma once

// Notices commits that were acknowledged and are gone: a standby that lacked them was promoted, or
// the database was restored to an earlier time. Each durable batch leaves its number in a row of
// its node's own, and, once COMMIT was answered, in a file of the data folder. That file is not
// synced: it may be behind after a power cut, and is never ahead of a database that lost nothing.

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/postgres/handle.hpp"
#include "domain/lost_commits.hpp"

namespace wrapup::postgres {

// In the data folder.
inline constexpr const char* commits_file_name = "postgres_commits";

class CommitCount {
public:
    // `file`: empty, or it cannot be written: what this process knows is remembered, and no more.
    // Without a node nothing is compared.
    CommitCount(const std::string& node_id, const std::string& file);
    CommitCount(const CommitCount&) = delete;
    CommitCount& operator=(const CommitCount&) = delete;
    ~CommitCount();

    // Within a transaction, into the row of that slot and turn (PostgresStore::turn_slot).
    void count(Connection& connection, std::int64_t slot, std::int64_t turn, UtcTime now);
    // After its commit was answered.
    void note(const Timeline& timeline);

    // Within the first transaction on a connection, before anything is counted. What is gone is
    // also kept under lost_commits_key, with what other nodes found, and counting goes on from
    // there, so that it is found once.
    std::optional<LostCommits> compare(Connection& connection);

private:
    struct Mark {
        std::int64_t count = 0;
        UtcTime first_at{};
        UtcTime at{};
        Timeline timeline;
    };
    std::optional<Mark> read_file() const;
    void put(Connection& connection, std::int64_t row, std::int64_t count, UtcTime at) const;

    std::int64_t first_row_ = 0;  // 0: no node.
    int descriptor_ = -1;
    std::int64_t count_ = 0;  // Of a transaction that failed too: numbers are left out.
    UtcTime counted_at_{};
    Mark mark_;  // What was acknowledged.
};

}  // namespace wrapup::postgres
