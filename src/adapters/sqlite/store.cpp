#include "adapters/sqlite/store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <filesystem>
#include <system_error>
#include <utility>

#include "adapters/sql/clock_rows.hpp"
#include "adapters/sql/row_source.hpp"
#include "adapters/sql/save.hpp"
#include "adapters/sqlite/checkpointer.hpp"
#include "adapters/sqlite/data_folder.hpp"
#include "adapters/sqlite/log_file.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "core/store/changed_calls.hpp"
#include "core/store/claim_rules.hpp"
#include "core/store/store_rules.hpp"

namespace wrapup {
namespace {

using sqlite::Connection;
using sqlite::Query;

// Below this size a check of the whole file takes less than the start may.
constexpr std::int64_t checked_size_max = std::int64_t{16} << 20;

Error damaged(const std::string& path, std::string_view what) {
    return {Errc::corrupt, path + ": " + std::string(what)};
}

std::int64_t size_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_size : -1;
}

// Remembers that there was a database, so that an empty one in its place is not taken for the first
// start.
std::string mark_of(const std::string& path) { return path + "-made"; }

void leave_mark(const std::string& path) {
    const int descriptor = ::open(mark_of(path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor >= 0) ::close(descriptor);
}

// Makes the file with its mode before SQLite would, and refuses what SQLite would silently start
// anew: a database that is gone or empty while its log or its mark is there.
Result<void> prepare_file(const std::string& path, std::uint64_t free_bytes_min) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    if (!folder.empty()) {
        WRAPUP_CHECK(make_data_folder(folder));
    }
    WRAPUP_CHECK(check_room(folder.empty() ? "." : folder, free_bytes_min));
    if (size_of(path) <= 0 && size_of(path + "-wal") > 0) {
        return damaged(path, "is missing or empty, but its log (-wal) is not");
    }
    if (size_of(path) <= 0 && size_of(mark_of(path)) >= 0) {
        return damaged(path,
                       "is missing or empty, but there was a database: restore a backup, or "
                       "remove " +
                           mark_of(path) + " to start with nothing");
    }
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return Error{Errc::unavailable, path + ": " + std::generic_category().message(errno)};
    }
    ::close(descriptor);
    return {};
}

std::int64_t read_integer(Connection& connection, std::string_view pragma) {
    Query query = connection.query(pragma);
    return query.next() ? query.integer(0) : 0;
}

// Before anything is written: whose file is it, and is it whole?
Result<void> inspect(Connection& connection) {
    const std::string& path = connection.path();
    const std::int64_t size = size_of(path);
    const auto pages = read_integer(connection, "PRAGMA page_count");
    const auto owner = read_integer(connection, "PRAGMA application_id");
    WRAPUP_CHECK(connection.take_failure());
    if (pages == 0) return {};
    if (owner != sqlite::application_id) return damaged(path, "is not a wrapup database");
    // Without a log the file must hold every page that its header counts.
    if (size_of(path + "-wal") <= 0 &&
        size < pages * read_integer(connection, "PRAGMA page_size")) {
        return damaged(path, "is shorter than it should be");
    }
    if (size > checked_size_max) return connection.take_failure();
    std::string finding;
    {
        Query query = connection.query("PRAGMA quick_check(1)");
        if (query.next()) finding = query.text(0);
    }
    WRAPUP_CHECK(connection.take_failure());
    if (finding != "ok") return damaged(path, "is damaged: " + finding);
    return {};
}

// A log that grew beyond 64 MiB is cut back. Checkpoints are the Checkpointer's. A migration may
// touch every row, and what SQLite keeps to undo that belongs on the disk. What rows refer to is
// there: the rules see to it, and check_integrity() looks.
constexpr const char* writer_settings =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = OFF;"
    "PRAGMA cache_size = -16384;"
    "PRAGMA wal_autocheckpoint = 0;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA temp_store = FILE;";

Result<std::unique_ptr<Connection>> open_writer(const std::string& path) {
    WRAPUP_TRY(auto writer, Connection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                             sqlite::log_vfs()));
    WRAPUP_CHECK(inspect(*writer));
    const std::string mark = "PRAGMA application_id = " + std::to_string(sqlite::application_id);
    if (read_integer(*writer, "PRAGMA application_id") != sqlite::application_id) {
        writer->execute(mark.c_str());
    }
    writer->execute(writer_settings);
    WRAPUP_CHECK(writer->take_failure());
    WRAPUP_CHECK(sqlite::migrate(*writer, sqlite::migrations()));
    WRAPUP_CHECK(sqlite::check_schema(*writer, sqlite::migrations()));
    writer->execute("PRAGMA temp_store = MEMORY");
    WRAPUP_CHECK(writer->take_failure());
    return writer;
}

// Some failures roll back by themselves.
Result<void> take_failure(Connection& connection) {
    auto done = connection.take_failure();
    if (done) return done;
    if (connection.is_in_transaction()) connection.run("ROLLBACK");
    (void)connection.take_failure();
    return done;
}

// What throws, for want of memory, fails as the disk does.
void run_guarded(Connection& connection, const std::function<void(Connection&)>& work) {
    if (connection.has_failed()) return;
    try {
        work(connection);
    } catch (const std::exception&) {
        connection.fail(SQLITE_NOMEM);
    }
}

ClaimedCall claim(Connection& connection, CallRow row, UtcTime now, milliseconds lease) {
    const CallRow stored = row;
    begin_claim(row, now, lease);
    sql::save_changes(connection, stored, row);
    return {std::move(row.call), row.lease.fence, sql::read_events(connection, row.no)};
}

ClaimedDelivery claim(Connection& connection, DeliveryRow row, UtcTime now, milliseconds lease) {
    std::string body = std::move(row.delivery.body);
    const DeliveryRow stored = row;
    begin_claim(row, now, lease);
    sql::save_changes(connection, stored, row);
    row.delivery.body = std::move(body);
    return {std::move(row.delivery), row.lease.fence, row.unresolved_since};
}

}  // namespace

SqliteStore::SqliteStore() = default;
SqliteStore::~SqliteStore() {
    // The writer is the last one to close: that empties the log into the file.
    checkpointer_.reset();
    for (Reader& reader : readers_) reader.connection.reset();
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const OpenOptions& options) {
    std::unique_ptr<SqliteStore> store{new SqliteStore()};
    using Beside = sqlite::CommitCount::Beside;
    const Beside beside = size_of(options.path) <= 0            ? Beside::older
                          : size_of(mark_of(options.path)) >= 0 ? Beside::its_own
                                                                : Beside::unknown;
    WRAPUP_CHECK(prepare_file(options.path, options.free_bytes_min));
    WRAPUP_TRY(store->files_, sqlite::FileWatch::lock(options.path));
    WRAPUP_TRY(store->writer_, open_writer(options.path));
    WRAPUP_TRY(store->commits_, sqlite::CommitCount::open(*store->writer_, beside, options.now));
    for (Reader& reader : store->readers_) {
        WRAPUP_TRY(reader.connection,
                   Connection::open(options.path, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX));
    }
    const auto tell_damage = [&store = *store, path = options.path] {
        store.fail_for_good(damaged(path, "is damaged"));
    };
    WRAPUP_TRY(store->checkpointer_, sqlite::Checkpointer::start(*store->writer_, tell_damage));
    WRAPUP_CHECK(store->files_.start());
    leave_mark(options.path);
    if (options.pages_max > 0) store->limit_pages(options.pages_max);
    return store;
}

void SqliteStore::limit_pages(std::int64_t pages_max) {
    const std::lock_guard lock{writer_mutex_};
    const std::string pragma = "PRAGMA max_page_count = " + std::to_string(pages_max);
    writer_->execute(pragma.c_str());
}

// Ends the transaction. What was written into files that are no longer in their place is lost with
// them, however well it was synced.
Result<void> SqliteStore::end(Connection& connection) {
    if (!connection.has_failed()) connection.run("COMMIT");
    auto done = take_failure(connection);
    if (connection.is_damaged()) {
        fail_for_good(done ? damaged(connection.path(), "is damaged") : done.error());
        return failure();
    }
    if (done && &connection != writer_.get()) return done;
    auto in_place = files_.check();
    if (in_place) return done ? failure() : done;
    if (in_place.error().code == Errc::corrupt) fail_for_good(in_place.error());
    return in_place;
}

Result<void> SqliteStore::write(Durability durability, UtcTime now,
                                const std::function<void(Connection&)>& work) {
    const std::lock_guard lock{writer_mutex_};
    WRAPUP_CHECK(failure());
    if (auto uncut = files_.check_before_write(); !uncut) {
        fail_for_good(uncut.error());
        return uncut;
    }
    // Without the wait the log is written all the same, and reaches the disk with the next durable
    // transaction. Checkpoints wait in either mode.
    numbers_.on_the_way = {};  // A batch has taken them with it.
    sqlite::gather_log(*writer_, durability == Durability::durable);
    if (durability == Durability::eventual) writer_->execute("PRAGMA synchronous = NORMAL");
    writer_->run("BEGIN IMMEDIATE");
    const int changes_before = sqlite3_total_changes(writer_->handle());
    run_guarded(*writer_, work);
    const bool is_counted = durability == Durability::durable &&
                            sqlite3_total_changes(writer_->handle()) != changes_before;
    if (is_counted) commits_.count(*writer_, now);
    auto done = end(*writer_);
    if (done && is_counted) commits_.note();
    if (durability == Durability::eventual && failure()) {
        writer_->execute("PRAGMA synchronous = FULL");
        // A promise of P1: rather than go on without it, stop.
        WRAPUP_ASSERT(writer_->take_failure().has_value());
    }
    return done;
}

Result<void> SqliteStore::read(const std::function<void(Connection&)>& work) {
    std::unique_lock lock{readers_[0].mutex, std::try_to_lock};
    Reader* reader = &readers_[0];
    if (!lock) {
        reader = &readers_[1];
        lock = std::unique_lock{reader->mutex};
    }
    WRAPUP_CHECK(failure());
    reader->connection->run("BEGIN");
    run_guarded(*reader->connection, work);
    return end(*reader->connection);
}

Result<void> SqliteStore::failure() {
    const std::lock_guard lock{failure_mutex_};
    if (failure_) return *failure_;
    return {};
}

void SqliteStore::fail_for_good(const Error& error) {
    std::function<void(const Error&)> tell;
    {
        const std::lock_guard lock{failure_mutex_};
        if (failure_) return;
        failure_ = error;
        tell = tell_failure_;
    }
    if (tell) tell(error);
}

void SqliteStore::on_failure(std::function<void(const Error&)> tell) {
    std::optional<Error> before;
    {
        const std::lock_guard lock{failure_mutex_};
        before = failure_;
        tell_failure_ = tell;
    }
    if (before && tell) tell(*before);
}

// ---- Writes ----

Result<std::vector<StoreOutcome>> SqliteStore::commit(std::span<const StoreOp> ops, UtcTime now) {
    std::vector<StoreOutcome> outcomes;
    std::vector<CallChange> changes;
    sql::Numbers numbers = std::exchange(numbers_, {});
    WRAPUP_CHECK(write(Durability::durable, now, [&](Connection& connection) {
        sql::TableRows<Connection> source{connection, numbers};
        WorkingSet rows{source};
        outcomes = apply(rows, ops, now);
        if (!connection.has_failed()) sql::save(connection, rows, now);
        numbers.note_saved(rows);
        if (tell_changes_) changes = changed_calls(rows);
    }));
    numbers_ = std::move(numbers);
    if (!changes.empty()) tell_changes_(std::move(changes));
    return outcomes;
}

Result<std::vector<ClaimedCall>> SqliteStore::claim_calls(UtcTime now, milliseconds lease,
                                                          int limit) {
    std::vector<ClaimedCall> claimed;
    WRAPUP_CHECK(write(Durability::eventual, now, [&](Connection& connection) {
        std::vector<CallRow> rows;
        {
            Query query = connection.query("SELECT " WRAPUP_CALL_COLUMNS
                                           " FROM calls WHERE wakes_at_ms <= ?1"
                                           " ORDER BY wakes_at_ms, no LIMIT ?2",
                                           now, std::max(0, limit));
            while (query.next()) rows.push_back(sql::read_call(connection, query));
        }
        for (CallRow& row : rows) {
            claimed.push_back(claim(connection, std::move(row), now, lease));
        }
    }));
    return claimed;
}

Result<ClaimedCall> SqliteStore::claim_call(std::string_view call_id, UtcTime now,
                                            milliseconds lease) {
    Result<ClaimedCall> claimed = Error{Errc::not_found, "no such call"};
    WRAPUP_CHECK(write(Durability::eventual, now, [&](Connection& connection) {
        CallRow row;
        {
            Query query = connection.query(
                "SELECT " WRAPUP_CALL_COLUMNS " FROM calls WHERE id = ?1", call_id);
            if (!query.next()) return;
            row = sql::read_call(connection, query);
        }
        if (auto refusal = refuse_claim(row, now)) {
            claimed = *std::move(refusal);
        } else {
            claimed = claim(connection, std::move(row), now, lease);
        }
    }));
    return claimed;
}

Result<ClaimedDeliveries> SqliteStore::claim_deliveries(std::string_view destination, UtcTime now,
                                                        milliseconds lease, int limit,
                                                        const std::optional<RateLimit>& rate) {
    ClaimedDeliveries all;
    WRAPUP_CHECK(write(Durability::durable, now, [&](Connection& connection) {
        const KeptDestination stored = sql::known_destination(connection, destination);
        KeptDestination kept = stored;
        std::vector<DeliveryRow> rows;
        if (const int allowed = claims_allowed(kept, limit, rate, now); allowed > 0) {
            Query query = connection.query("SELECT " WRAPUP_DELIVERY_COLUMNS
                                           " FROM deliveries d JOIN calls c ON c.no = d.call_no"
                                           " WHERE d.destination = ?1 AND d.wakes_at_ms <= ?2"
                                           " ORDER BY d.wakes_at_ms, d.id LIMIT ?3",
                                           destination, now, allowed);
            while (query.next()) rows.push_back(sql::read_delivery(connection, query));
        }
        std::vector<ClaimedDelivery> claimed;
        for (DeliveryRow& row : rows) {
            claimed.push_back(claim(connection, std::move(row), now, lease));
        }
        all = note_claims(kept, std::move(claimed), lease, rate, now);
        if (kept != stored) sql::save_destination(connection, kept);
    }));
    return all;
}

Result<ClaimedDelivery> SqliteStore::claim_delivery(std::int64_t delivery_id, UtcTime now,
                                                    milliseconds lease) {
    Result<ClaimedDelivery> claimed = Error{Errc::not_found, "no such delivery"};
    WRAPUP_CHECK(write(Durability::durable, now, [&](Connection& connection) {
        DeliveryRow row;
        {
            Query query = connection.query("SELECT " WRAPUP_DELIVERY_COLUMNS
                                           " FROM deliveries d JOIN calls c ON c.no = d.call_no"
                                           " WHERE d.id = ?1",
                                           delivery_id);
            if (!query.next()) return;
            row = sql::read_delivery(connection, query);
        }
        if (auto refusal = refuse_claim(row, now)) {
            claimed = *std::move(refusal);
        } else {
            claimed = claim(connection, std::move(row), now, lease);
        }
    }));
    return claimed;
}

Result<void> SqliteStore::void_leases(UtcTime now) {
    return write(Durability::durable, now,
                 [&](Connection& connection) { sql::void_leases(connection, now); });
}

Result<void> SqliteStore::shift_times(milliseconds by, UtcTime now) {
    return write(Durability::durable, now,
                 [&](Connection& connection) { sql::shift_times(connection, by, by, now); });
}

Result<std::optional<UtcTime>> SqliteStore::last_written_at() {
    std::optional<UtcTime> at;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query("SELECT at_s FROM commits WHERE count > 0");
        if (query.next()) at = from_unix_s(query.integer(0));
    }));
    return at;
}

// ---- Audits ----

Result<LedgerAudit> SqliteStore::audit_ledger() {
    LedgerAudit audit;
    WRAPUP_CHECK(read([&](Connection& connection) {
        const auto set_auditing = [this](Connection* reader) {
            const std::lock_guard lock{audit_mutex_};
            auditing_ = reader;
            return !are_audits_stopped_;
        };
        if (!set_auditing(&connection)) connection.fail(SQLITE_INTERRUPT);
        audit = sql::read_audit(connection);
        set_auditing(nullptr);
    }));
    return audit;
}

void SqliteStore::stop_audits() {
    const std::lock_guard lock{audit_mutex_};
    are_audits_stopped_ = true;
    if (auditing_ != nullptr) sqlite3_interrupt(auditing_->handle());
}

void SqliteStore::check_database(Connection& connection, std::vector<std::string>& findings) {
    {
        Query query = connection.query("PRAGMA integrity_check(20)");
        while (query.next()) {
            if (query.view(0) != "ok") findings.push_back(query.text(0));
        }
    }
    Query query = connection.query("PRAGMA foreign_key_check");
    while (query.next()) {
        findings.push_back("table " + query.text(0) + ", row " + query.text(1) +
                           ": what it belongs to is not there");
    }
}

}  // namespace wrapup
