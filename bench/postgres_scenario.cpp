// The same flood on SQLite, on PostgreSQL with one to three processes, and as a bare loop that only
// inserts the rows that such a flood leaves behind. They take turns, each with processes of its
// own, so that the machine's other work meets all alike.

#include <array>
#include <boost/json/array.hpp>
#include <chrono>
#include <cmath>
#include <thread>

#include "bench/callbacks.hpp"
#include "bench/crm_sink.hpp"
#include "bench/load_client.hpp"
#include "bench/postgres_server.hpp"
#include "bench/scenarios.hpp"
#include "bench/server_process.hpp"
#include "bench/wire.hpp"

namespace wrapup::bench {
namespace json = boost::json;
namespace {

constexpr std::size_t calls_max = 4'000'000;
constexpr std::size_t connections_count = 64;
constexpr std::size_t warm_calls = 500;
constexpr std::int64_t patience_ms = 120'000;
constexpr std::size_t bare_batch = 33;  // As many calls as wrapup's batches have in a flood.
// The last ends of attempts are still being written down.
constexpr std::chrono::milliseconds last_writes{200};

struct Figures {
    std::vector<double> acks, records, own_cpu, database_cpu, wal;

    json::object summary(std::string_view name) const {
        json::object object{{"name", name}};
        const auto add = [&object](const char* key, const std::vector<double>& values) {
            if (!values.empty()) object[key] = std::round(median(values) * 10) / 10;
        };
        add("acks_per_s", acks);
        add("records_per_s", records);
        add("wrapup_cpu_us", own_cpu);
        add("database_cpu_us", database_cpu);
        add("wal_bytes", wal);
        return object;
    }
};

class Bench {
public:
    explicit Bench(const Plan& plan)
        : plan_(plan), folder_(plan.data_dir), server_(folder_.path()), crm_(calls_max) {
        const auto own = server_.connect("postgres");
        for (const char* name : {"n1", "n2", "n3", "stored"}) {
            ask(own.get(), std::string("CREATE DATABASE ") + name);
        }
    }

    const PostgresServer& server() const { return server_; }

    using Nodes = std::vector<std::unique_ptr<ServerProcess>>;
    // On a database, or on SQLite where there is none.
    Nodes start(const std::string& database, std::size_t count) {
        Nodes nodes;
        for (std::size_t i = 0; i < count; ++i) {
            ServerOptions options{
                plan_.binary,
                folder_.path() / ((database.empty() ? "sqlite" : database) + std::to_string(i)),
                crm_.port(),
                true,
                {}};
            if (!database.empty()) {
                options.settings.push_back("DATABASE_URL=" + server_.url(database));
            }
            nodes.push_back(std::make_unique<ServerProcess>(options));
        }
        (void)send(nodes, warm_calls);
        std::this_thread::sleep_for(last_writes);
        return nodes;
    }

    void flood(const Nodes& nodes, std::size_t calls, bool is_postgres, Figures& figures) {
        const auto own_cpu = [&nodes] {
            double total = 0;
            for (const auto& node : nodes) total += node->cpu().total_s;
            return total;
        };
        const double own_before = own_cpu();
        const double database_before = server_.cpu_s();
        const double wal_before = server_.wal_bytes();
        const auto [acks, records] = send(nodes, calls);
        std::this_thread::sleep_for(last_writes);
        const auto count = static_cast<double>(calls);
        figures.acks.push_back(acks);
        figures.records.push_back(records);
        figures.own_cpu.push_back((own_cpu() - own_before) * 1e6 / count);
        if (!is_postgres) return;
        figures.database_cpu.push_back((server_.cpu_s() - database_before) * 1e6 / count);
        figures.wal.push_back((server_.wal_bytes() - wal_before) / count);
    }

private:
    // Acknowledgements and records per second, the load spread over the nodes.
    std::pair<double, double> send(const Nodes& nodes, std::size_t calls) {
        const std::uint64_t wanted = crm_.records_count() + calls;
        const auto requests = callback_requests(next_number_, calls, "busy");
        next_number_ += calls;
        const std::size_t share = calls / nodes.size();
        std::vector<LoadResult> results(nodes.size());
        std::vector<std::thread> threads;
        const std::int64_t started_at = steady_ns();
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            threads.emplace_back([&, i] {
                const bool is_last = i + 1 == nodes.size();
                Load load;
                load.requests =
                    std::span(requests).subspan(i * share, is_last ? std::dynamic_extent : share);
                load.connections = connections_count / nodes.size();
                results[i] = run_load(nodes[i]->port(), load);
            });
        }
        for (std::thread& thread : threads) thread.join();
        const std::int64_t answered_at = steady_ns();
        for (const LoadResult& result : results) {
            if (result.refused > 0) die("callbacks were refused");
        }
        if (!crm_.wait_for(wanted, patience_ms)) die("records are missing at the CRM");
        const auto per_second = [&](std::int64_t until) {
            return static_cast<double>(calls) * 1e9 / static_cast<double>(until - started_at);
        };
        return {per_second(answered_at), per_second(crm_.last_at_ns())};
    }

    Plan plan_;
    TemporaryFolder folder_;
    PostgresServer server_;
    CrmSink crm_;
    std::uint64_t next_number_ = 1;
};

constexpr std::array tables{"calls", "events", "deliveries", "attempts"};

// The rows of the youngest calls of a database, put into tables of the same form, one statement for
// a batch and its commit.
class BareLoop {
public:
    BareLoop(const PostgresServer& server, const std::string& database, std::size_t calls)
        : server_(server), connection_(server.connect(database)) {
        ask(connection_.get(), "CREATE SCHEMA bare");
        std::vector<std::string> aggregates;
        std::string statement = "WITH ";
        int parameter = 0;
        for (const std::string table : tables) {
            ask(connection_.get(),
                "CREATE TABLE bare." + table + " (LIKE wrapup." + table + " INCLUDING ALL)");
            std::string names;
            std::string arrays;
            std::string aggregate;
            for (const auto& column :
                 ask(connection_.get(),
                     "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
                     "WHERE attrelid = 'wrapup." +
                         table +
                         "'::regclass AND attnum > 0 "
                         "AND attgenerated = '' AND NOT attisdropped ORDER BY attnum")) {
                const char* comma = names.empty() ? "" : ", ";
                names += comma + column[0];
                arrays += comma + ("$" + std::to_string(++parameter)) + "::" + column[1] + "[]";
                aggregate += comma + ("array_agg(" + column[0] + ")");
            }
            aggregates.push_back("SELECT " + aggregate + " FROM wrapup." + table);
            statement += "in_" + table + " AS (INSERT INTO bare." + table + " (" + names +
                         ") SELECT * FROM unnest(" + arrays + ")), ";
        }
        statement.resize(statement.size() - 2);
        prepare(statement + " SELECT 1", parameter);
        for (std::size_t from = 0; from < calls; from += bare_batch) {
            batches_.push_back(batch(aggregates, from, std::min(bare_batch, calls - from)));
        }
        calls_count_ = calls;
    }

    void turn(Figures& figures) {
        ask(connection_.get(), "TRUNCATE bare.calls, bare.events, bare.deliveries, bare.attempts");
        const double cpu_before = server_.cpu_s();
        const double wal_before = server_.wal_bytes();
        const std::int64_t started_at = steady_ns();
        for (const auto& values : batches_) insert(values);
        const auto elapsed_s = static_cast<double>(steady_ns() - started_at) / 1e9;
        const auto count = static_cast<double>(calls_count_);
        figures.records.push_back(count / elapsed_s);
        figures.database_cpu.push_back((server_.cpu_s() - cpu_before) * 1e6 / count);
        figures.wal.push_back((server_.wal_bytes() - wal_before) / count);
    }

private:
    std::vector<std::string> batch(const std::vector<std::string>& aggregates, std::size_t from,
                                   std::size_t count) const {
        const std::string chosen = "(SELECT no FROM wrapup.calls ORDER BY no DESC LIMIT " +
                                   std::to_string(count) + " OFFSET " + std::to_string(from) + ")";
        const std::array conditions{
            " WHERE no IN " + chosen, " WHERE call_no IN " + chosen, " WHERE call_no IN " + chosen,
            " WHERE delivery_id IN (SELECT id FROM wrapup.deliveries WHERE call_no IN " + chosen +
                ")"};
        std::vector<std::string> values;
        for (std::size_t i = 0; i < tables.size(); ++i) {
            const Rows rows = ask(connection_.get(), aggregates[i] + conditions[i]);
            values.insert(values.end(), rows[0].begin(), rows[0].end());
        }
        return values;
    }

    void prepare(const std::string& statement, int parameters) const {
        const std::unique_ptr<PGresult, decltype(&PQclear)> done{
            PQprepare(connection_.get(), "bare", statement.c_str(), parameters, nullptr), &PQclear};
        if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) {
            die(PQerrorMessage(connection_.get()));
        }
    }

    void insert(const std::vector<std::string>& values) const {
        std::vector<const char*> pointers;
        for (const std::string& value : values) pointers.push_back(value.c_str());
        const std::unique_ptr<PGresult, decltype(&PQclear)> done{
            PQexecPrepared(connection_.get(), "bare", static_cast<int>(pointers.size()),
                           pointers.data(), nullptr, nullptr, 0),
            &PQclear};
        if (PQresultStatus(done.get()) != PGRES_TUPLES_OK) die(PQerrorMessage(connection_.get()));
    }

    const PostgresServer& server_;
    PostgresConnection connection_;
    std::vector<std::vector<std::string>> batches_;
    std::size_t calls_count_ = 0;
};

// Copies of all delivered calls under other numbers, until there are so many. The numbers of copies
// are `step` times 10,000,000 apart; returns the step after it.
std::int64_t fill(PGconn* connection, std::int64_t wanted, std::int64_t step) {
    const std::int64_t count =
        std::atoll(ask(connection, "SELECT count(*) FROM wrapup.calls")[0][0].c_str());
    const std::int64_t copies = wanted / count;
    const std::string of_copy =
        " CROSS JOIN generate_series(1, " + std::to_string(copies) + ") AS k";
    const std::string id = "'CA' || md5(t.id || ' ' || k * " + std::to_string(step) + ")";
    const std::string apart = " + k * " + std::to_string(step * 10'000'000) + "::bigint";
    const auto copy = [&](const std::string& table,
                          std::initializer_list<std::pair<const char*, std::string>> changed) {
        std::string names;
        std::string values;
        for (const auto& column :
             ask(connection, "SELECT attname FROM pg_attribute WHERE attrelid = 'wrapup." + table +
                                 "'::regclass AND attnum > 0 AND attgenerated = ''")) {
            std::string value = "t." + column[0];
            for (const auto& [name, other] : changed) {
                if (column[0] == name) value = other;
            }
            names += (names.empty() ? "" : ", ") + column[0];
            values += (values.empty() ? "" : ", ") + value;
        }
        ask(connection, "INSERT INTO wrapup." + table + " (" + names + ") SELECT " + values +
                            " FROM wrapup." + table + " t" + of_copy);
    };
    copy("events",
         {{"place", "t.place" + apart + " * 268435456"}, {"call_no", "t.call_no" + apart}});
    copy("attempts", {{"delivery_id", "t.delivery_id" + apart}});
    copy("deliveries", {{"id", "t.id" + apart}, {"call_no", "t.call_no" + apart}});
    copy("calls", {{"no", "t.no" + apart}, {"id", id}, {"call_sid", id}});
    ask(connection, "VACUUM ANALYZE");
    return step * (copies + 1);
}

json::object measure_stored(Bench& bench, const Plan& plan, std::size_t calls) {
    const int rounds = plan.is_quick ? 1 : 3;
    const double held_s = plan.is_quick ? 10 : 300;
    json::array levels;
    const auto own = bench.server().connect("stored");
    const auto nodes = bench.start("stored", 1);
    Figures warm;
    bench.flood(nodes, warm_calls, true, warm);
    const auto measure = [&](const std::string& name, int count) {
        Figures figures;
        for (int i = 0; i < count; ++i) bench.flood(nodes, calls, true, figures);
        levels.push_back(figures.summary(name));
    };
    measure("1,000 stored", rounds);
    const std::int64_t step = fill(own.get(), 100'000, 1);
    measure("100,000 stored", rounds);
    if (!plan.is_quick) {
        fill(own.get(), 1'000'000, step);
        measure("1,000,000 stored", rounds);
    }
    ask(own.get(), "BEGIN ISOLATION LEVEL REPEATABLE READ");
    ask(own.get(), "SELECT count(*) FROM wrapup.calls");
    const std::int64_t until = steady_ns() + static_cast<std::int64_t>(held_s * 1e9);
    measure("a snapshot held, first floods", 2);
    Figures between;
    while (steady_ns() < until) bench.flood(nodes, calls, true, between);
    measure("a snapshot held, last floods", 2);
    ask(own.get(), "COMMIT");
    std::this_thread::sleep_for(std::chrono::seconds{25});  // Two rounds of the vacuum.
    measure("25 s after it was let go", 2);
    return {{"held_s", held_s}, {"levels", levels}};
}

}  // namespace

json::object measure_postgres(const Plan& plan) {
    const std::size_t calls = 4'000;
    const int rounds = plan.is_quick ? 2 : 6;
    Bench bench(plan);
    const std::array<std::pair<const char*, std::size_t>, 4> sides{
        {{"", 1}, {"n1", 1}, {"n2", 2}, {"n3", 3}}};
    std::array<Figures, 4> figures;
    Figures bare;
    std::unique_ptr<BareLoop> loop;
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < sides.size(); ++i) {
            const auto nodes = bench.start(sides[i].first, sides[i].second);
            bench.flood(nodes, calls, sides[i].first[0] != '\0', figures[i]);
        }
        if (!loop) loop = std::make_unique<BareLoop>(bench.server(), "n1", calls);
        loop->turn(bare);
    }
    json::array table{figures[0].summary("SQLite"), figures[1].summary("PostgreSQL, 1 process"),
                      figures[2].summary("PostgreSQL, 2 processes"),
                      figures[3].summary("PostgreSQL, 3 processes"),
                      bare.summary("bare loop of inserts")};
    std::vector<double> ratios;
    for (std::size_t i = 0; i < figures[0].records.size(); ++i) {
        ratios.push_back(figures[1].records[i] / figures[0].records[i]);
    }
    return {{"rounds", rounds},
            {"calls_per_round", calls},
            {"connections", connections_count},
            {"ratio_one_process_to_sqlite", median(ratios)},
            {"figures", table},
            {"stored", measure_stored(bench, plan, calls)}};
}

}  // namespace wrapup::bench
