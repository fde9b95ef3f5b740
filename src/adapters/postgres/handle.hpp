#pragma once

// libpq as values that clean up after themselves. As in SQLite's adapter a connection remembers its
// first failure and does nothing more until it was taken. Statements are sent in pipeline mode:
// what is only run is on its way while the next one is made, and its answer is looked at when one
// is waited for, at the latest by end(). So a transaction costs a round trip for each time that
// something is read, and one for its end. Rows that are written one by one share statements.
//
// All waits end at our own deadlines, because a server that froze answers keepalives. Nothing is
// ever cancelled: a commit that is cancelled while it waits for its standby says that all is well.

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/postgres/hosts.hpp"
#include "adapters/postgres/pulse.hpp"
#include "adapters/postgres/statement.hpp"
#include "adapters/postgres/timeline.hpp"
#include "adapters/sql/binding.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace wrapup::postgres {

class Connection;

struct FreeResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, FreeResult>;

// Binds; is sent by send(), finish() or the first next(). Only next() waits.
class Query {
public:
    Query(Connection& connection, Statement* statement)
        : connection_(&connection), statement_(statement) {}
    Query(Query&&) = default;
    Query& operator=(Query&&) = delete;

    // True when there is a row to read.
    bool next();
    void send();    // Its rows will be read later.
    void finish();  // It has none.

    bool is_null(int column) const { return PQgetisnull(answer_.get(), row_, column) != 0; }
    std::int64_t integer(int column) const;  // 0 for null.
    std::string text(int column) const { return std::string(view(column)); }
    std::string_view view(int column) const;  // As long as the query.
    UtcTime time(int column) const { return from_unix_ms(integer(column)); }
    std::optional<UtcTime> optional_time(int column) const;
    std::optional<std::int64_t> optional_integer(int column) const;
    std::optional<UtcTime> lease(int column) const;  // By the caller's clock.

    void bind(int index, std::int64_t value);
    void bind(int index, std::string_view value);
    void bind_copy(int index, std::string_view value) { bind(index, value); }
    void bind_null(int index, sql::NullOf of = sql::NullOf::any);
    void bind_lease(int index, std::optional<UtcTime> until);
    void bind(int index, const std::vector<std::string>& values);
    void bind(int index, const std::vector<std::int64_t>& values);
    template <class Value>
    void bind_any(int index, const Value& value) {
        sql::bind_any(*this, index, value);
    }

private:
    friend class Connection;
    enum class State { made, sent, answered };
    struct Parameter {
        std::string value;
        Oid type = 0;
        bool is_null = false;
    };
    Parameter& parameter(int index);

    Connection* connection_;
    Statement* statement_;  // Null: the connection has failed.
    std::vector<Parameter> parameters_;
    State state_ = State::made;
    std::int64_t ticket_ = 0;
    Answer answer_;
    int row_ = -1;
    mutable std::deque<std::string> read_back_;  // What was stored in another way than it came.
};

class Connection {
public:
    using Query = postgres::Query;
    static constexpr bool counts_in_slots = true;

    struct Options {
        std::string url;                       // With one host or several.
        milliseconds connect_deadline{3'000};  // To each host.
        milliseconds answer_deadline{30'000};
        milliseconds commit_deadline{5'000};
        Timeline timeline_min{};  // An older one is a primary that came back.
        std::int64_t slot = 0;    // In which it counts (sql/slots.hpp).
        std::size_t host = 0;     // Of the URL's, the one that is asked first.
        // No further host is asked after it. 0: all are.
        milliseconds hosts_deadline{0};
        bool looks_at_all = false;  // The newest timeline's counts, not the first that writes.
        bool is_alone = false;      // Keeps all others of wrapup's out of the database.
        Pulse* pulse = nullptr;     // Outlives the connection. Null: its own.
        // It asks for what never takes long: where neither that is answered within this time nor
        // anything else, the server is silent. 0: gives up on one that is found to be so.
        milliseconds silence_min{0};
        milliseconds lock_deadline{5'000};  // What somebody else has locked.
    };
    // To the primary among the URL's hosts. Errors: invalid_input (the URL), unavailable,
    // unauthorized, conflict (a server that is not fit: too old, not UTF-8, or synchronous_commit
    // does not wait; or somebody is alone in the database, or wants to be).
    static Result<std::unique_ptr<Connection>> open(const Options& options);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Statements are prepared once.
    template <class... Values>
    Query query(std::string_view sql, const Values&... values) {
        Query query{*this, statement(sql)};
        int index = 0;
        (query.bind_any(++index, values), ...);
        return query;
    }
    template <class... Values>
    void run(std::string_view sql, const Values&... values) {
        query(sql, values...).finish();
    }
    // One or several statements, in a transaction of their own, outside of the pipeline.
    Result<void> execute(const char* sql);

    // From now on, in a transaction (sql/slots.hpp).
    void count_in(std::int64_t slot);

    // How far the database's clock is ahead of the caller's, in this transaction.
    milliseconds ahead{0};

    // Commits, or rolls back what failed. `is_lost` afterwards: not usable any more.
    Result<void> end();
    bool is_lost() const { return !handle_; }
    // Whether the last transaction waited in vain for what somebody else had locked.
    bool met_lock() const { return met_lock_; }
    // Whether the last end() left open what became of the commit.
    bool is_unknown() const { return is_unknown_; }
    // Whether the same transaction may well succeed when it is begun anew.
    bool is_worth_another_try() const { return is_worth_another_try_; }
    struct Cost {
        std::chrono::duration<double> commit{0};  // From COMMIT until its answer.
        int round_trips = 0;
    };
    // Of the last transaction that was committed.
    const Cost& last_cost() const { return last_cost_; }

    const Timeline& timeline() const { return timeline_; }
    std::size_t host() const { return options_.host; }
    bool has_failed() const { return failure_.has_value(); }
    void fail(Errc code, std::string_view what);
    // Looked at again first: another node may have changed a row between two looks.
    void fail_corrupt(std::string_view what) {
        const bool is_first = !has_failed();
        fail(Errc::corrupt, what);
        if (is_first) is_worth_another_try_ = true;
    }

private:
    friend class postgres::Query;
    using Parameters = std::vector<Query::Parameter>;
    struct Finish {
        void operator()(PGconn* handle) const { PQfinish(handle); }
    };
    enum class Kind { prepare, run, ask, synchronize };
    struct Sent {
        Kind kind;
        std::int64_t ticket = 0;
        Statement* statement = nullptr;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    explicit Connection(Options options) : options_(std::move(options)) {
        if (options_.pulse == nullptr) options_.pulse = &own_pulse_;
    }
    Result<void> connect(const HostParameters& host);
    Result<void> set_up();
    Result<void> enter();
    Result<Answer> ask_alone(const char* sql, milliseconds deadline);
    Statement* statement(std::string_view sql);
    std::int64_t send(Statement& statement, const Parameters& parameters, Kind kind);
    std::int64_t send_now(Statement& statement, const Parameters& parameters, Kind kind);
    Answer wait_for(std::int64_t ticket);
    void take_next(milliseconds deadline);
    void write_later(Statement& statement, Parameters parameters);
    void send_writes();
    void send_some(Statement& statement, std::vector<Parameters>& rows);
    void synchronize(milliseconds deadline);
    PGresult* receive(milliseconds deadline);
    bool is_over(Pulse::Time from);
    bool wait_for_bytes(std::chrono::steady_clock::time_point until, bool is_writing);
    void look_at(const Sent& sent, Answer answer);
    void fail(const PGresult& result);
    void lose(std::string_view why);
    Result<void> take_failure();
    static void hear(void* self, const PGresult* notice);

    Pulse own_pulse_;
    Options options_;
    std::unique_ptr<PGconn, Finish> handle_;
    std::unordered_map<std::string, std::unique_ptr<Statement>, Hash, std::equal_to<>> statements_;
    // Rows that wait for others of the same statement. They are on their way before anything else.
    std::vector<std::pair<Statement*, std::vector<Parameters>>> writes_;
    std::deque<Sent> sent_;
    std::map<std::int64_t, Answer> answers_;  // That nobody has waited for yet.
    std::int64_t last_ticket_ = 0;
    std::int64_t asked_for_ = 0;  // The server was asked to answer up to this ticket.
    Timeline timeline_;
    std::optional<Error> failure_;
    int round_trips_ = 0;  // Of this transaction.
    Cost last_cost_;
    bool is_worth_another_try_ = false;
    bool is_unreplicated_ = false;  // A notice said so.
    bool is_unknown_ = false;
    bool met_lock_ = false;
};

}  // namespace wrapup::postgres
