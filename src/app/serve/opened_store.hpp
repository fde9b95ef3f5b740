#pragma once

// The store that the settings name: PostgreSQL where there is a DATABASE_URL, else SQLite in the
// data folder.

#include <functional>
#include <memory>
#include <vector>

#include "adapters/metrics/prometheus_metrics.hpp"
#include "app/config/settings.hpp"
#include "domain/call_change.hpp"
#include "domain/lost_commits.hpp"
#include "ports/store.hpp"
#include "service/commit/shared_clock.hpp"

namespace wrapup {

class PostgresStore;
class SqliteStore;

class OpenedStore {
public:
    // A node serves, and shares its database with others; a tool takes no part in their work.
    enum class Role { node, tool };
    // The data folder is ours already (DataFolderLock). Errors are those of the adapter; one of a
    // database names DATABASE_URL. conflict: the SQLite store was moved to one.
    static Result<OpenedStore> open(const Settings& settings, UtcTime now, Role role);
    OpenedStore(OpenedStore&&) noexcept;
    ~OpenedStore();

    EmbeddedStore& operator*() const { return *store_; }
    EmbeddedStore* get() const { return store_.get(); }

    // The time that all who use the store share: `shared`, which follows the database from now on,
    // or `own`, where there is nobody else.
    Clock& clock_of(SharedClock& shared, Clock& own);
    // Null: the store is this process's alone.
    PostgresStore* shared() const { return postgres_; }

    // As SqliteStore's and PostgresStore's. What only one of them has never calls back at the
    // other.
    void on_calls_changed(std::function<void(std::vector<CallChange>)> tell);
    void on_failure(std::function<void(const Error&)> tell);
    void on_away(std::function<void(const Error*)> tell);
    void on_lost(std::function<void(const LostCommits&)> tell);
    void on_step(std::function<void(milliseconds by)> tell);
    void count_with(Metrics* metrics);
    // Nobody listens nor counts any more, but for the calls that change.
    void tell_nobody();
    // Of domain/lost_commits.hpp.
    std::string_view why_lost() const;
    // What is known of the database right now; nothing of SQLite.
    std::vector<Gauge> gauges() const;
    // So that a stop waits neither for an audit nor for a server that is away, and after `rest` for
    // none at all (PostgresStore::stop_waiting). From any thread.
    void hurry(milliseconds rest);

private:
    OpenedStore();

    std::unique_ptr<EmbeddedStore> store_;
    SqliteStore* sqlite_ = nullptr;  // One of the two.
    PostgresStore* postgres_ = nullptr;
};

}  // namespace wrapup
