#pragma once

// The Store in PostgreSQL (docs/formats/postgresql.md, docs/decisions/0021-postgresql.md): rows as
// in SQLite's, in the schema `wrapup`. Batches of several nodes run at once and take turns where
// they meet.

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/postgres/claims.hpp"
#include "adapters/postgres/commit_count.hpp"
#include "adapters/postgres/handle.hpp"
#include "adapters/postgres/meter.hpp"
#include "adapters/postgres/nodes.hpp"
#include "adapters/postgres/prefetch.hpp"
#include "adapters/postgres/timeline.hpp"
#include "adapters/sql/store.hpp"
#include "core/store/told_clock.hpp"
#include "domain/call_change.hpp"

namespace wrapup {

class PostgresStore final : public sql::SqlStore<postgres::Connection>,
                            public Fleet,
                            public Duties {
public:
    // Whose clock leases count by: tests have time of their own.
    enum class LeaseClock { database, caller };
    struct OpenOptions {
        std::string url;
        LeaseClock lease_clock = LeaseClock::database;
        milliseconds read_deadline{30'000};
        milliseconds write_deadline{10'000};  // A frozen server is left after it.
        milliseconds commit_deadline{5'000};
        // Where neither a beat is answered within it nor anything else, the server is silent:
        // nobody but the beats asks it anything until it says something.
        milliseconds silence_min{3'500};
        // A write waits so long for a server that went away, counted from when it did; then it
        // fails at once until the server is back. 0: at once.
        milliseconds patience{0};
        // Where the newest timeline that was seen is remembered; empty: nowhere.
        std::string timeline_file{};
        // Where a node remembers what was acknowledged; empty: nowhere.
        std::string commits_file{};
        postgres::NodeIdentity node{};
    };
    // Brings the schema up to date. Errors: those of postgres::Connection::open and migrate();
    // conflict: the server is an old primary.
    static Result<std::unique_ptr<PostgresStore>> open(const OpenOptions& options);

    // An error may leave open whether the batch was committed: nothing of it is acknowledged, it is
    // safe to repeat, and what it claimed is given back with a later write. Each batch writes, so
    // that the commit of a repeat waits for the standby although all of it is there.
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
    Result<LedgerAudit> audit_ledger() override;

    // A node is told by its first beat what it has to do, and of changes since then.
    Result<FleetNews> beat(const NodeHolds& holds) override;
    void leave() override;
    const std::string& node_id() const { return options_.node.id; }
    bool has(std::string_view duty) const override;
    // As of the last beat: another process uses this node's id. Nothing is claimed any more.
    bool is_replaced() const { return is_replaced_; }

    // As SqliteStore's: `tell` hears which calls each commit changed. Before the first commit.
    void on_calls_changed(std::function<void(std::vector<CallChange>)> tell) {
        tell_changes_ = std::move(tell);
    }

    // `tell` hears what time the rows went by, at some time between two readings of `steady`: now,
    // and with each write. It is the database's, but for the moment between a step of that clock
    // and the moving of the rows. Before the first use.
    using TellTime = std::function<void(milliseconds before, milliseconds after, UtcTime told)>;
    Result<void> on_time(std::function<milliseconds()> steady, TellTime tell);
    // `tell` hears that this time has changed at once, by so much. On whatever thread met it.
    void on_step(std::function<void(milliseconds by)> tell);

    // `tell` hears when no connection can be had any more, and, with null, when one can again. On
    // whatever thread met it. Before the first use.
    void on_away(std::function<void(const Error*)> tell) { tell_away_ = std::move(tell); }
    // `tell` hears of acknowledged commits that were found to be gone, after what open() found,
    // which is kept under lost_commits_key as all of it. On whatever thread writes.
    void on_lost(std::function<void(const LostCommits&)> tell);
    // Counts and tells what befalls the database.
    postgres::Meter& meter() { return meter_; }
    // Nothing waits for a server that is away any more, and from `end` on for none at all: whatever
    // is asked for fails then, and what became of it is as unknown as after a crash. From any
    // thread.
    void stop_waiting(std::chrono::steady_clock::time_point end) {
        is_hurried_ = true;
        pulse_.end_by(end);
    }
    // What kept open() from reading, or from writing, the newest timeline; empty: nothing did.
    const std::string& timeline_trouble() const { return timeline_trouble_; }

private:
    using Connection = postgres::Connection;
    using SteadyTime = std::chrono::steady_clock::time_point;
    // Whether the end of a transaction waits for the standby, where there is one.
    enum class Durability { durable, local };
    struct Line {
        std::mutex mutex;
        std::unique_ptr<Connection> connection;
    };
    enum class Counted { no, yes };
    // A transaction that is alone keeps out all others that write.
    enum class Turn { shared, alone };
    static constexpr std::int64_t slot_turns_max = 2'000;  // Slots are within a smallint.

    struct UnheardClaims {
        postgres::Claims claims;
        SteadyTime until;  // By then their leases have run out.
    };

    // What is known of a server that is away: all connections ask it in turn, at a pace.
    struct Absence {
        Error error;
        SteadyTime since;
        SteadyTime next_try_at;
    };

    explicit PostgresStore(OpenOptions options);
    Result<void> run(Line& line, const std::function<void(Connection&)>& work);
    Result<void> write(Durability durability, UtcTime now,
                       const std::function<void(Connection&)>& work, Turn turn = Turn::shared,
                       Counted counted = Counted::no);
    Result<void> read(const std::function<void(Connection&)>& work) override;
    void check_database(Connection&, std::vector<std::string>&) override {}
    postgres::Claims give_back_unheard(Connection& connection, UtcTime now);
    Result<void> connect(Line& line);
    Result<void> open_connection(Line& line);
    Result<void> join();
    std::vector<StoreOutcome> apply_all(Connection& connection, WorkingSet& rows,
                                        std::span<const StoreOp> ops, UtcTime now) const;
    std::optional<postgres::Duty> find_duty(std::string_view name) const;
    struct Time {
        UtcTime told{};
        milliseconds step{};  // Of the time that rows go by, which nobody was told of before.
    };
    Time read_time(Connection& connection);
    milliseconds owed() const;
    Result<void> take_over_clock();
    void bring_in_clock(const std::optional<postgres::Duty>& keeps, UtcTime now);
    void note_away(const Error& error);
    Error note_silence();
    void note_back();
    std::optional<Error> known_absence(SteadyTime at);
    bool wait_for_server();
    void turn_slot(std::int64_t counted_bytes);
    std::int64_t slot() const;

    OpenOptions options_;
    postgres::Pulse pulse_;
    Line writer_;
    std::array<Line, 3> readers_;
    std::atomic<SteadyTime> locked_until_{SteadyTime{}};  // For reads.
    Line beating_;
    postgres::NumberPool numbers_;  // The writer's.
    postgres::Claims claims_;       // Of the writer's transaction.
    std::deque<UnheardClaims> unheard_;
    postgres::CommitCount commits_;    // With the writer's mutex, as what follows.
    bool is_compared_ = false;         // What the writer's connection leads to with `commits_`.
    std::optional<LostCommits> lost_;  // And not told yet.
    std::function<void(const LostCommits&)> tell_lost_;
    std::mutex connect_mutex_;     // Held by whoever connects.
    postgres::Timeline timeline_;  // The newest that was seen.
    std::string timeline_trouble_;
    std::size_t host_ = 0;      // Where the primary was last.
    std::mutex absence_mutex_;  // Held for no longer than it takes to look.
    std::optional<Absence> absence_;
    std::atomic<bool> is_silence_noted_ = false;
    std::atomic<bool> is_hurried_ = false;
    std::function<void(const Error*)> tell_away_;
    postgres::Meter meter_;
    std::function<milliseconds()> steady_;
    TellTime tell_time_;
    mutable std::mutex clock_mutex_;
    ToldClock clock_;
    std::function<void(milliseconds)> tell_step_;
    std::optional<milliseconds> set_before_start_;  // And not told yet.
    milliseconds late_step_{};  // Told by the writer's transaction: who began it did not know.
    postgres::NodeNumber number_;
    struct HeldDuty {
        postgres::Duty duty;
        milliseconds until{};  // Of steady_, and a little less than the database says.
    };
    mutable std::mutex duties_mutex_;
    std::vector<HeldDuty> duties_;
    std::atomic<bool> has_company_ = false;
    std::string changes_place_;  // Of the beats.
    int beats_count_ = 0;
    // When the slot was turned last; the first beat tells it.
    std::int64_t counted_bytes_ = std::numeric_limits<std::int64_t>::max();
    std::atomic<std::int64_t> slot_turns_{0};
    std::atomic<bool> is_replaced_{false};
    std::function<void(std::vector<CallChange>)> tell_changes_;
};

}  // namespace wrapup
