#include "app/serve/opened_store.hpp"

#include <utility>

#include "adapters/postgres/store.hpp"
#include "adapters/sqlite/store.hpp"

namespace wrapup {
namespace {

// Senders wait 15 s at most: what is told them has to be told before.
constexpr milliseconds write_deadline{5'000};
constexpr milliseconds patience{5'000};

}  // namespace

OpenedStore::OpenedStore() = default;
OpenedStore::OpenedStore(OpenedStore&&) noexcept = default;
OpenedStore::~OpenedStore() = default;

Result<OpenedStore> OpenedStore::open(const Settings& settings, UtcTime now) {
    OpenedStore opened;
    if (settings.database_url.empty()) {
        WRAPUP_TRY(auto sqlite,
                   SqliteStore::open({.path = store_path(settings).string(), .now = now}));
        opened.sqlite_ = sqlite.get();
        opened.store_ = std::move(sqlite);
        return opened;
    }
    auto postgres =
        PostgresStore::open({.url = settings.database_url,
                             .write_deadline = write_deadline,
                             .patience = patience,
                             .timeline_file = (settings.data_dir / "postgres_timeline").string()});
    if (!postgres) {
        return Error{postgres.error().code, "DATABASE_URL: " + postgres.error().detail};
    }
    opened.postgres_ = postgres->get();
    opened.store_ = *std::move(postgres);
    return opened;
}

void OpenedStore::on_calls_changed(std::function<void(std::vector<CallChange>)> tell) {
    if (sqlite_ != nullptr) {
        sqlite_->on_calls_changed(std::move(tell));
    } else {
        postgres_->on_calls_changed(std::move(tell));
    }
}

void OpenedStore::on_failure(std::function<void(const Error&)> tell) {
    if (sqlite_ != nullptr) sqlite_->on_failure(std::move(tell));
}

void OpenedStore::on_away(std::function<void(const Error*)> tell) {
    if (postgres_ != nullptr) postgres_->on_away(std::move(tell));
}

void OpenedStore::hurry() {
    if (sqlite_ != nullptr) sqlite_->stop_audits();
    if (postgres_ != nullptr) postgres_->stop_waiting();
}

}  // namespace wrapup
