#include "adapters/postgres/store.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "adapters/postgres/migrations.hpp"
#include "adapters/sql/clock_rows.hpp"
#include "adapters/sql/row_source.hpp"
#include "adapters/sql/save.hpp"
#include "core/store/changed_calls.hpp"
#include "core/store/claim_rules.hpp"
#include "core/store/store_rules.hpp"

namespace wrapup {
namespace {

using postgres::Connection;
using postgres::Query;

using SteadyClock = std::chrono::steady_clock;

// A transaction that met another one's rows is begun anew so often.
constexpr int tries_max = 5;
// So long no read tries whether a table is locked yet, on which another waited in vain.
constexpr milliseconds lock_believed_for{1'000};
// Longer than any lease: a destination's time-out is five minutes at most, and 30 s are added.
constexpr std::chrono::minutes lease_max{6};

// What throws, for want of memory, fails as the database does.
void run_guarded(Connection& connection, const std::function<void(Connection&)>& work) {
    if (connection.has_failed()) return;
    try {
        work(connection);
    } catch (const std::exception& thrown) {
        connection.fail(Errc::unavailable, thrown.what());
    }
}

CallRow claimed_row(Connection& connection, CallRow row, UtcTime now, milliseconds lease,
                    std::int64_t holder) {
    const CallRow stored = row;
    begin_claim(row, now, lease, holder);
    sql::save_changes(connection, stored, row);
    return row;
}

ClaimedDelivery claim(Connection& connection, DeliveryRow row, UtcTime now, milliseconds lease,
                      std::int64_t holder) {
    std::string body = std::move(row.delivery.body);
    const DeliveryRow stored = row;
    begin_claim(row, now, lease, holder);
    sql::save_changes(connection, stored, row);
    row.delivery.body = std::move(body);
    return {std::move(row.delivery), row.lease.fence, row.unresolved_since};
}

// The events of all of them in one answer.
std::map<std::int64_t, std::vector<StoredEvent>> read_events(Connection& connection,
                                                             const std::vector<CallRow>& rows) {
    std::vector<std::int64_t> numbers;
    for (const CallRow& row : rows) numbers.push_back(row.no);
    std::map<std::int64_t, std::vector<StoredEvent>> events;
    auto query = connection.query(
        "SELECT n.no, e.place, e.kind, e.received_at_ms, e.is_late, e.payload"
        " FROM unnest(?1) AS n (no), LATERAL (SELECT * FROM events WHERE place > (n.no << 28)"
        " AND place < ((n.no + 1) << 28)) e ORDER BY e.place",
        numbers);
    while (query.next()) {
        StoredEvent event;
        const std::int64_t no = query.integer(0);
        event.seq = query.integer(1) - sql::place_of(no, 0);
        event.kind = sql::known(connection, parse_event_kind(query.view(2)));
        event.received_at = query.time(3);
        event.is_late = query.integer(4) != 0;
        event.payload = query.text(5);
        events[no].push_back(std::move(event));
    }
    return events;
}

}  // namespace

// ---- Connections and transactions ----

Result<std::unique_ptr<PostgresStore>> PostgresStore::open(const OpenOptions& options) {
    std::unique_ptr<PostgresStore> store{new PostgresStore(options)};
    if (!options.timeline_file.empty()) {
        auto known = postgres::read_timeline(options.timeline_file);
        if (known) {
            store->timeline_ = *std::move(known);
        } else {
            store->timeline_trouble_ = std::move(known).error().detail;
        }
    }
    // A migration may take longer than anybody waits for a write.
    WRAPUP_TRY(const auto migrating,
               Connection::open(
                   {.url = options.url, .timeline_min = store->timeline_, .looks_at_all = true}));
    WRAPUP_CHECK(postgres::check_not_moved(*migrating));
    WRAPUP_CHECK(postgres::migrate(*migrating, postgres::migrations()));
    WRAPUP_CHECK(store->connect(store->writer_));
    if (!options.node.id.empty()) WRAPUP_CHECK(store->join());
    return store;
}

PostgresStore::PostgresStore(OpenOptions options)
    : options_(std::move(options)), commits_(options_.node.id, options_.commits_file), steady_([] {
          return std::chrono::duration_cast<milliseconds>(SteadyClock::now().time_since_epoch());
      }) {}

Result<void> PostgresStore::join() {
    WRAPUP_CHECK(take_over_clock());
    WRAPUP_CHECK(write(Durability::durable, UtcTime{}, [&](Connection& connection) {
        number_ = postgres::register_node(connection, options_.node);
    }));
    numbers_.holder = number_.now;
    writer_.connection.reset();  // For one that counts in our slot.
    return connect(writer_);
}

// A connection that was lost while nobody used it is noticed by its next user; nothing of his was
// committed then, and he tries again.
Result<void> PostgresStore::run(Line& line, const std::function<void(Connection&)>& work) {
    bool was_lost = false;
    for (int tries = 0;;) {
        if (auto connected = connect(line); !connected) {
            if (&line == &writer_ && wait_for_server()) continue;
            return connected;
        }
        tries += 1;
        run_guarded(*line.connection, work);
        auto done = line.connection->end();
        if (done) {
            if (is_silence_noted_) note_back();
            return done;
        }
        const bool is_lost = line.connection->is_lost();
        const bool may_try = is_lost ? !was_lost && !line.connection->is_unknown()
                                     : line.connection->is_worth_another_try();
        was_lost = was_lost || is_lost;
        if (!may_try || tries >= tries_max) return done;
    }
}

Result<void> PostgresStore::write(Durability durability, UtcTime now,
                                  const std::function<void(Connection&)>& work, Turn turn,
                                  Counted counted) {
    const std::lock_guard lock{writer_.mutex};
    postgres::Claims given_back;
    late_step_ = {};
    auto done = run(writer_, [&](Connection& connection) {
        connection.run("BEGIN");
        connection.count_in(slot());
        if (durability == Durability::local) connection.run("SET LOCAL synchronous_commit = local");
        // Before the time is read: it is of after whatever moved the rows.
        connection.run(turn == Turn::alone ? "SELECT pg_advisory_xact_lock(6513001)"
                                           : "SELECT pg_advisory_xact_lock_shared(6513001)");
        connection.ahead = milliseconds{0};
        if (options_.lease_clock == LeaseClock::database) {
            const Time time = read_time(connection);
            connection.ahead = time.told - now;
            late_step_ += time.step;
        }
        if (!is_compared_) {
            if (auto lost = commits_.compare(connection)) lost_ = *lost;
        }
        given_back = give_back_unheard(connection, now);
        claims_ = {};
        work(connection);
    });
    if (durability == Durability::durable) meter_.wrote(writer_.connection.get(), done.has_value());
    const bool is_unknown = !done && writer_.connection && writer_.connection->is_unknown();
    if (done) {
        is_compared_ = true;
        if (counted == Counted::yes) commits_.note(writer_.connection->timeline());
        if (lost_ && tell_lost_) tell_lost_(*lost_);
        for (UnheardClaims& one : unheard_) one.claims.remove(given_back);
    } else if (is_unknown && !claims_.empty()) {
        unheard_.push_back({std::exchange(claims_, {}), SteadyClock::now() + lease_max});
    }
    if (!is_unknown) lost_.reset();  // Told, or undone with the rest.
    return done;
}

// A commit without an answer may be done as late as its process at the server gets to it.
postgres::Claims PostgresStore::give_back_unheard(Connection& connection, UtcTime now) {
    std::erase_if(unheard_, [at = SteadyClock::now()](const UnheardClaims& one) {
        return one.claims.empty() || at >= one.until;
    });
    if (unheard_.empty()) return {};
    postgres::Claims all;
    for (const UnheardClaims& one : unheard_) all.add(one.claims);
    return postgres::give_back(connection, all, now);
}

void PostgresStore::on_lost(std::function<void(const LostCommits&)> tell) {
    const std::lock_guard lock{writer_.mutex};
    tell_lost_ = std::move(tell);
}

// Many may be asked for at once, one after the other: what one of them waited for in vain, none of
// the others waits for as long again.
Result<void> PostgresStore::read(const std::function<void(Connection&)>& work) {
    if (SteadyClock::now() < locked_until_.load()) {
        return Error{Errc::unavailable, "PostgreSQL: somebody has locked a table"};
    }
    std::unique_lock<std::mutex> lock;
    Line* line = nullptr;
    for (Line& one : readers_) {
        lock = std::unique_lock{one.mutex, std::try_to_lock};
        line = &one;
        if (lock) break;
    }
    if (!lock) lock = std::unique_lock{line->mutex};
    auto done = run(*line, [&](Connection& connection) {
        connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        work(connection);
    });
    const bool met_lock = !done && line->connection && line->connection->met_lock();
    if (met_lock) locked_until_ = SteadyClock::now() + lock_believed_for;
    return done;
}

// ---- Writes ----

Result<std::vector<StoreOutcome>> PostgresStore::commit(std::span<const StoreOp> ops, UtcTime now) {
    std::vector<StoreOutcome> outcomes;
    std::vector<CallChange> changes;
    const auto apply_batch = [&](Connection& connection) {
        postgres::Prefetched source{connection, numbers_, ops};
        source.receive();
        WorkingSet rows{source};
        outcomes = apply_all(connection, rows, ops, now);
        if (late_step_ != milliseconds{0}) rows.shift_scheduled(late_step_);
        sql::save(connection, rows, now);
        claims_.add(rows);
        commits_.count(connection, slot(), slot_turns_ % slot_turns_max, now);
        changes.clear();
        if (tell_changes_ || has_company_) changes = changed_calls(rows);
        if (has_company_ && !changes.empty()) {
            postgres::put_changes(connection, number_.now, changes);
        }
    };
    const Turn turn = postgres::runs_alone(ops) ? Turn::alone : Turn::shared;
    WRAPUP_CHECK(write(Durability::durable, now, apply_batch, turn, Counted::yes));
    if (!changes.empty() && tell_changes_) tell_changes_(std::move(changes));
    return outcomes;
}

// What only the holder of a duty may write is left out where that is somebody else by now.
std::vector<StoreOutcome> PostgresStore::apply_all(Connection& connection, WorkingSet& rows,
                                                   std::span<const StoreOp> ops,
                                                   UtcTime now) const {
    std::vector<StoreOutcome> outcomes;
    const auto is_refused = [&](const StoreOp& op) {
        const std::string_view name = postgres::duty_of(op);
        if (name.empty() || number_.now == 0) return false;
        const auto duty = find_duty(name);
        return !duty || !postgres::has_duty(connection, number_.now, *duty);
    };
    while (!ops.empty()) {
        const auto refused = std::ranges::find_if(ops, is_refused);
        const auto count = static_cast<std::size_t>(refused - ops.begin());
        auto some = apply(rows, ops.first(count), now);
        std::ranges::move(some, std::back_inserter(outcomes));
        if (count == ops.size()) break;
        outcomes.emplace_back(Error{Errc::conflict, "another node does that now"});
        ops = ops.subspan(count + 1);
    }
    return outcomes;
}

Result<std::vector<ClaimedCall>> PostgresStore::claim_calls(UtcTime now, milliseconds lease,
                                                            int limit) {
    std::vector<ClaimedCall> claimed;
    if (is_replaced_) return claimed;
    WRAPUP_CHECK(write(Durability::local, now, [&](Connection& connection) {
        claimed.clear();
        if (owed() != milliseconds{0}) return;
        std::vector<CallRow> rows;
        auto due = connection.query("SELECT " WRAPUP_CALL_COLUMNS
                                    " FROM calls WHERE wakes_at_ms <= ?1"
                                    " ORDER BY wakes_at_ms, no LIMIT ?2 FOR UPDATE SKIP LOCKED",
                                    now + connection.ahead, std::max(0, limit));
        while (due.next()) {
            rows.push_back(claimed_row(connection, sql::read_call(connection, due), now, lease,
                                       numbers_.holder));
            claims_.calls[rows.back().no] = rows.back().lease.fence;
        }
        if (rows.empty()) return;
        auto events = read_events(connection, rows);
        for (CallRow& row : rows) {
            claimed.push_back({std::move(row.call), row.lease.fence, std::move(events[row.no])});
        }
    }));
    return claimed;
}

Result<ClaimedCall> PostgresStore::claim_call(std::string_view call_id, UtcTime now,
                                              milliseconds lease) {
    if (is_replaced_) return replaced_error();
    Result<ClaimedCall> claimed = Error{Errc::not_found, "no such call"};
    WRAPUP_CHECK(write(Durability::local, now, [&](Connection& connection) {
        auto query = connection.query(
            "SELECT " WRAPUP_CALL_COLUMNS " FROM calls WHERE id = ?1 FOR UPDATE", call_id);
        if (!query.next()) return;
        CallRow row = sql::read_call(connection, query);
        if (auto refusal = refuse_claim(row, now)) {
            claimed = *std::move(refusal);
            return;
        }
        row = claimed_row(connection, std::move(row), now, lease, numbers_.holder);
        const std::int64_t no = row.no;
        claims_.calls[no] = row.lease.fence;
        auto events = read_events(connection, {row});
        claimed = ClaimedCall{std::move(row.call), row.lease.fence, std::move(events[no])};
    }));
    return claimed;
}

Result<ClaimedDeliveries> PostgresStore::claim_deliveries(std::string_view destination, UtcTime now,
                                                          milliseconds lease, int limit,
                                                          const std::optional<RateLimit>& rate) {
    ClaimedDeliveries all;
    if (is_replaced_) return all;
    WRAPUP_CHECK(write(Durability::durable, now, [&](Connection& connection) {
        all = {};
        if (owed() != milliseconds{0}) return;
        KeptDestination stored = sql::known_destination(connection, destination);
        if (rate || stored.row.breaker.state != BreakerState::closed) {
            // Of its row two nodes' claims would make something else.
            connection.run("SELECT 1 FROM destinations WHERE name = ?1 FOR UPDATE", destination);
            stored = sql::known_destination(connection, destination);
        }
        KeptDestination kept = stored;
        const UtcTime at = now + connection.ahead;
        std::vector<ClaimedDelivery> claimed;
        if (const int allowed = claims_allowed(kept, limit, rate, at); allowed > 0) {
            auto due = connection.query("SELECT " WRAPUP_DELIVERY_COLUMNS
                                        " FROM deliveries d JOIN calls c ON c.no = d.call_no"
                                        " WHERE d.destination = ?3 AND d.wakes_at_ms <= ?1"
                                        " ORDER BY d.wakes_at_ms, d.id LIMIT ?2"
                                        " FOR UPDATE OF d SKIP LOCKED",
                                        at, allowed, destination);
            while (due.next()) {
                claimed.push_back(claim(connection, sql::read_delivery(connection, due), now, lease,
                                        numbers_.holder));
                claims_.deliveries[claimed.back().delivery.id] = claimed.back().fence;
            }
        }
        all = note_claims(kept, std::move(claimed), lease, rate, at);
        if (kept != stored) sql::save_destination(connection, kept);
    }));
    return all;
}

Result<ClaimedDelivery> PostgresStore::claim_delivery(std::int64_t delivery_id, UtcTime now,
                                                      milliseconds lease) {
    if (is_replaced_) return replaced_error();
    Result<ClaimedDelivery> claimed = Error{Errc::not_found, "no such delivery"};
    WRAPUP_CHECK(write(Durability::durable, now, [&](Connection& connection) {
        auto query = connection.query("SELECT " WRAPUP_DELIVERY_COLUMNS
                                      " FROM deliveries d JOIN calls c ON c.no = d.call_no"
                                      " WHERE d.id = ?1 FOR UPDATE OF d",
                                      delivery_id);
        if (!query.next()) return;
        DeliveryRow row = sql::read_delivery(connection, query);
        if (auto refusal = refuse_claim(row, now)) {
            claimed = *std::move(refusal);
        } else {
            claimed = claim(connection, std::move(row), now, lease, numbers_.holder);
            claims_.deliveries[delivery_id] = claimed->fence;
        }
    }));
    return claimed;
}

// A node's own, of before: what others hold is theirs.
Result<void> PostgresStore::void_leases(UtcTime now) {
    return write(Durability::durable, now, [&](Connection& connection) {
        if (number_.now == 0) return sql::void_leases(connection, now);
        if (number_.before != 0) postgres::void_leases_of(connection, number_.before, now);
    });
}

Result<void> PostgresStore::shift_times(milliseconds by, UtcTime now) {
    const milliseconds leases_by =
        options_.lease_clock == LeaseClock::caller ? by : milliseconds{0};
    return write(Durability::durable, now,
                 [&](Connection& connection) { sql::shift_times(connection, by, leases_by, now); });
}

Result<LedgerAudit> PostgresStore::audit_ledger() {
    LedgerAudit audit;
    WRAPUP_CHECK(read([&](Connection& connection) { audit = sql::read_audit(connection); }));
    return audit;
}

}  // namespace wrapup
