#pragma once

// The Store in one SQLite file: write-ahead log, one writer, readers beside it that never wait for
// it. One process per file; see DataFolderLock.

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/sql/numbers.hpp"
#include "adapters/sql/store.hpp"
#include "adapters/sqlite/commit_count.hpp"
#include "adapters/sqlite/file_watch.hpp"
#include "domain/call_change.hpp"

namespace wrapup {

namespace sqlite {
class Checkpointer;
class Connection;
}  // namespace sqlite

class SqliteStore final : public sql::SqlStore<sqlite::Connection> {
public:
    struct OpenOptions {
        std::string path;            // Its folder is made when it is missing.
        std::int64_t pages_max = 0;  // Limits the file, as a full disk would; 0: no limit.
        UtcTime now{};               // When commits that are gone were found.
        // On the disk. The index of a log of 64 MiB takes half of it.
        std::uint64_t free_bytes_min = std::uint64_t{1} << 20;
    };
    // Makes the file (mode 0600) when it is missing and brings its schema up to date. Errors name
    // the file: corrupt (damaged, or somebody else's: it is left as it is), conflict (written by a
    // newer version, or in use by another process), unavailable (a full disk, too). An empty
    // database where one was before is damage too: wrapup.db-made beside it remembers. Commits that
    // are gone are no error: they are kept as lost_commits_key (domain/lost_commits.hpp).
    static Result<std::unique_ptr<SqliteStore>> open(const OpenOptions& options);
    ~SqliteStore() override;

    Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) override;
    Result<std::vector<ClaimedCall>> claim_calls(UtcTime now, milliseconds lease,
                                                 int limit) override;
    Result<ClaimedCall> claim_call(std::string_view call_id, UtcTime now,
                                   milliseconds lease) override;
    Result<ClaimedDeliveries> claim_deliveries(std::string_view destination, UtcTime now,
                                               milliseconds lease, int limit,
                                               const std::optional<RateLimit>& rate) override;
    Result<ClaimedDelivery> claim_delivery(std::int64_t delivery_id, UtcTime now,
                                           milliseconds lease) override;
    Result<void> void_leases(UtcTime now) override;
    Result<void> shift_times(milliseconds by, UtcTime now) override;
    Result<std::optional<UtcTime>> last_written_at() override;

    Result<LedgerAudit> audit_ledger() override;

    // Damage, or files that were moved away, end the store's work for good: from then on every
    // method answers corrupt. `tell` hears of it once, on whatever thread met it.
    void on_failure(std::function<void(const Error&)> tell);

    // `tell` hears which calls each commit changed, once it is durable, on the committing thread,
    // which waits for it. Before the first commit.
    void on_calls_changed(std::function<void(std::vector<CallChange>)> tell) {
        tell_changes_ = std::move(tell);
    }

    // Cuts off an audit of the ledger that is going on, and refuses later ones (unavailable), so
    // that a stop does not wait for it. From any thread.
    void stop_audits();

    // A full disk that got space again; for tests.
    void limit_pages(std::int64_t pages_max);

private:
    using Connection = sqlite::Connection;
    // Whether the end of a transaction waits for the disk.
    enum class Durability { durable, eventual };
    struct Reader {
        std::mutex mutex;
        std::unique_ptr<Connection> connection;
    };

    SqliteStore();
    // Runs `work` in a transaction of the writer; on a failure nothing of it stays.
    Result<void> write(Durability durability, UtcTime now,
                       const std::function<void(Connection&)>& work);
    Result<void> read(const std::function<void(Connection&)>& work) override;
    void check_database(Connection& connection, std::vector<std::string>& findings) override;
    // Nothing while all is well.
    Result<void> failure();
    void fail_for_good(const Error& error);
    Result<void> end(Connection& connection);

    sqlite::FileWatch files_;  // The first to be made and the last to go.
    std::mutex failure_mutex_;
    std::optional<Error> failure_;
    std::function<void(const Error&)> tell_failure_;
    std::function<void(std::vector<CallChange>)> tell_changes_;
    std::mutex writer_mutex_;
    std::unique_ptr<Connection> writer_;
    sqlite::CommitCount commits_;
    sql::Numbers numbers_;  // Of the last commit; unknown after one that failed.
    std::unique_ptr<sqlite::Checkpointer> checkpointer_;
    std::array<Reader, 2> readers_;
    std::mutex audit_mutex_;
    bool are_audits_stopped_ = false;
    Connection* auditing_ = nullptr;  // The reader at work on one.
};

}  // namespace wrapup
