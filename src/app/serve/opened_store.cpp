#include "app/serve/opened_store.hpp"

#include <unistd.h>

#include <array>
#include <fstream>
#include <random>
#include <utility>

#include "adapters/postgres/store.hpp"
#include "adapters/sqlite/left_behind.hpp"
#include "adapters/sqlite/store.hpp"
#include "app/program/version.hpp"
#include "base/hex.hpp"

namespace wrapup {
namespace {

// Senders wait 15 s at most: what is told them has to be told before.
constexpr milliseconds write_deadline{5'000};
constexpr milliseconds patience{5'000};

std::string new_id() {
    std::random_device device;
    std::string bytes;
    for (int i = 0; i < 16; ++i) bytes += static_cast<char>(device() & 0xffU);
    return to_hex(bytes);
}

// Made at the first start.
std::string read_id(const std::filesystem::path& file) {
    std::string id;
    std::ifstream(file) >> id;
    return id.size() == 32 ? id : new_id();
}

postgres::NodeIdentity this_process(std::string id, const Settings& settings) {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = 0;
    SentTo destinations;
    for (const DestinationConfig& one : settings.destinations) {
        if (one.is_enabled()) destinations.insert(one.name);
    }
    return {std::move(id), host.data(), ::getpid(), std::string(version()),
            to_text(settings.digests) + " " + to_text(destinations)};
}

}  // namespace

OpenedStore::OpenedStore() = default;
OpenedStore::OpenedStore(OpenedStore&&) noexcept = default;
OpenedStore::~OpenedStore() = default;

Result<OpenedStore> OpenedStore::open(const Settings& settings, UtcTime now, Role role) {
    OpenedStore opened;
    if (settings.database_url.empty()) {
        WRAPUP_CHECK(sqlite::check_not_moved(store_path(settings)));
        WRAPUP_TRY(auto sqlite,
                   SqliteStore::open({.path = store_path(settings).string(), .now = now}));
        opened.sqlite_ = sqlite.get();
        opened.store_ = std::move(sqlite);
        return opened;
    }
    PostgresStore::OpenOptions options;
    options.url = settings.database_url;
    options.write_deadline = write_deadline;
    options.patience = patience;
    options.timeline_file = (settings.data_dir / postgres::timeline_file_name).string();
    options.commits_file = (settings.data_dir / postgres::commits_file_name).string();
    const std::filesystem::path id_file = settings.data_dir / "node_id";
    if (role == Role::node) options.node = this_process(read_id(id_file), settings);
    auto postgres = PostgresStore::open(options);
    if (!postgres && postgres.error().code == Errc::conflict && role == Role::node) {
        // Somebody copied the data folder, and the other one is at work.
        options.node.id = new_id();
        postgres = PostgresStore::open(options);
    }
    if (!postgres) {
        return Error{postgres.error().code, "DATABASE_URL: " + postgres.error().detail};
    }
    if (role == Role::node) std::ofstream(id_file) << options.node.id << '\n';
    opened.postgres_ = postgres->get();
    opened.store_ = *std::move(postgres);
    return opened;
}

Clock& OpenedStore::clock_of(SharedClock& shared, Clock& own) {
    if (postgres_ == nullptr) return own;
    // Without an answer it goes by this machine's clock until there is one.
    (void)postgres_->on_time([&shared] { return shared.steady(); },
                             [&shared](milliseconds before, milliseconds after, UtcTime told) {
                                 shared.heard(before, after, told);
                             });
    return shared;
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

void OpenedStore::on_lost(std::function<void(const LostCommits&)> tell) {
    if (postgres_ != nullptr) postgres_->on_lost(std::move(tell));
}

void OpenedStore::on_step(std::function<void(milliseconds)> tell) {
    if (postgres_ != nullptr) postgres_->on_step(std::move(tell));
}

void OpenedStore::count_with(Metrics* metrics) {
    if (postgres_ != nullptr) postgres_->meter().count_with(metrics);
}

void OpenedStore::tell_nobody() {
    on_failure({});
    on_away({});
    on_lost({});
    on_step({});
    count_with(nullptr);
}

std::string_view OpenedStore::why_lost() const {
    return postgres_ == nullptr ? lost_with_file : lost_with_database;
}

std::vector<Gauge> OpenedStore::gauges() const {
    if (postgres_ == nullptr) return {};
    const auto standing = postgres_->meter().standing();
    return {{"wrapup_database_up",
             "1 while PostgreSQL can be connected to.",
             {},
             standing.is_up ? 1.0 : 0.0},
            {"wrapup_database_since_seconds",
             "Since when that is so, in seconds of 1970.",
             {},
             static_cast<double>(standing.since_ms) / 1000},
            {"wrapup_database_timeline",
             "The timeline of PostgreSQL's primary.",
             {},
             static_cast<double>(standing.timeline)}};
}

void OpenedStore::hurry(milliseconds rest) {
    if (sqlite_ != nullptr) sqlite_->stop_audits();
    if (postgres_ != nullptr) postgres_->stop_waiting(std::chrono::steady_clock::now() + rest);
}

}  // namespace wrapup
