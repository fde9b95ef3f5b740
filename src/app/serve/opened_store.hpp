#pragma once

// The store that the settings name: PostgreSQL where there is a DATABASE_URL, else SQLite in the
// data folder.

#include <functional>
#include <memory>
#include <vector>

#include "app/config/settings.hpp"
#include "domain/call_change.hpp"
#include "ports/store.hpp"

namespace wrapup {

class PostgresStore;
class SqliteStore;

class OpenedStore {
public:
    // The data folder is ours already (DataFolderLock). Errors are those of the adapter; one of a
    // database names DATABASE_URL.
    static Result<OpenedStore> open(const Settings& settings, UtcTime now);
    OpenedStore(OpenedStore&&) noexcept;
    ~OpenedStore();

    EmbeddedStore& operator*() const { return *store_; }
    EmbeddedStore* get() const { return store_.get(); }

    // As SqliteStore's and PostgresStore's. What only one of them has never calls back at the
    // other.
    void on_calls_changed(std::function<void(std::vector<CallChange>)> tell);
    void on_failure(std::function<void(const Error&)> tell);
    void on_away(std::function<void(const Error*)> tell);
    // So that a stop waits neither for an audit nor for a server that is away. From any thread.
    void hurry();

private:
    OpenedStore();

    std::unique_ptr<EmbeddedStore> store_;
    SqliteStore* sqlite_ = nullptr;  // One of the two.
    PostgresStore* postgres_ = nullptr;
};

}  // namespace wrapup
