// How a connection comes to be, and what the server has to be like.

#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <thread>

#include "adapters/postgres/database_url.hpp"
#include "adapters/postgres/handle.hpp"

namespace wrapup::postgres {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int version_min = 150'000;
constexpr milliseconds entry_patience{1'000};
constexpr milliseconds entry_pause{20};

// Whoever waits in a transaction holds back what is to be cleaned up; who waits for a lock holds up
// others. Plans are made once: the statistics of tables that work passes through are always wrong,
// and each statement has an index that fits it.
constexpr const char* settings =
    "SET search_path = wrapup;"
    "SET client_encoding = 'UTF8';"
    "SET client_min_messages = warning;"
    "SET idle_in_transaction_session_timeout = '10s';"
    "SET statement_timeout = '30s';"
    "SET plan_cache_mode = force_generic_plan;"
    "SET enable_seqscan = off;"
    "SET enable_mergejoin = off;"
    "SET enable_hashjoin = off;"
    "SET jit = off;"
    // The session's own: a server that reads its files anew changes nothing of what was looked at.
    "SELECT set_config('wrapup.commit', current_setting('synchronous_commit'), false);"
    "SELECT set_config('synchronous_commit',"
    " replace(current_setting('synchronous_commit'), 'local', 'on'), false);"
    "SELECT current_setting('wrapup.commit'), current_setting('synchronous_standby_names'),"
    " current_setting('server_encoding'), pg_is_in_recovery(),"
    " CASE WHEN pg_is_in_recovery() THEN '' ELSE pg_walfile_name(pg_current_wal_lsn()) END,"
    " (SELECT system_identifier FROM pg_control_system())";

// The first 8 digits of the name of a file of the log.
std::int64_t timeline_of(std::string_view log_file) {
    const std::string_view digits = log_file.substr(0, 8);
    std::int64_t timeline = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), timeline, 16);
    return timeline;
}

// Where a password has characters with a meaning in URLs, a part of it is read as a host, a port or
// a database, and would be told with what is wrong about those.
bool is_whole_url(std::string_view text) {
    if (!text.starts_with("postgres://") && !text.starts_with("postgresql://")) return false;
    const std::string_view rest = text.substr(text.find("://") + 3);
    const std::size_t user_end = rest.substr(0, rest.find('?')).rfind('@');
    return user_end == rest.npos || rest.substr(0, user_end).find_first_of("@/?#") == rest.npos;
}

// Of the words of libpq, which quotes it. What an @ follows may be a part of a password.
std::string unknown_parameter(const std::string& url) {
    const std::size_t question = url.find('?');
    if (question == url.npos || url.find('@', question) != url.npos) return {};
    char* words = nullptr;
    PQconninfoFree(PQconninfoParse(url.c_str(), &words));
    const std::string told = words == nullptr ? "" : words;
    PQfreemem(words);
    constexpr std::string_view before = "invalid URI query parameter: \"";
    if (!told.starts_with(before)) return {};
    return told.substr(before.size(), told.rfind('"') - before.size());
}

Error refuse_server(std::string what) { return {Errc::conflict, "PostgreSQL: " + std::move(what)}; }

}  // namespace

Result<std::string> parse_database_url(std::string_view text) {
    std::string url(text);
    if (is_whole_url(text) && read_hosts(url)) return url;
    if (const std::string unknown = unknown_parameter(url); !unknown.empty()) {
        return Error{Errc::invalid_input,
                     "has a parameter that PostgreSQL does not know: " + unknown};
    }
    return Error{Errc::invalid_input,
                 "is no URL of a PostgreSQL database, such as "
                 "postgres://user:password@host:5432/database; characters with a meaning in URLs "
                 "stand in it as %40 and the like"};
}

Result<std::unique_ptr<Connection>> Connection::open(const Options& options) {
    WRAPUP_TRY(const auto hosts, read_hosts(options.url));
    std::unique_ptr<Connection> newest;
    std::optional<Error> refusal;
    const auto begun = Clock::now();
    const auto is_late = [&] {
        const auto deadline = options.hosts_deadline;
        return deadline > milliseconds{0} && Clock::now() - begun >= deadline;
    };
    for (std::size_t i = 0; i < hosts.size() && (i == 0 || !is_late()); ++i) {
        const std::size_t at = (options.host + i) % hosts.size();
        std::unique_ptr<Connection> one{new Connection(options)};
        one->options_.host = at;
        auto done = one->connect(hosts[at]);
        if (done) done = one->set_up();
        if (done) done = one->enter();
        if (done) {
            if (!newest || newest->timeline().is_before(one->timeline())) newest = std::move(one);
            if (!options.looks_at_all) return newest;
        } else if (!refusal) {
            refusal = std::move(done).error();
        } else {
            // That a server is not fit says more than that another one is not there.
            if (refusal->code == Errc::unavailable) refusal->code = done.error().code;
            refusal->detail += "; " + std::move(done).error().detail;
        }
    }
    if (newest) return newest;
    return *std::move(refusal);
}

// What the URL says of these counts more than what comes before it.
Result<void> Connection::connect(const HostParameters& host) {
    std::vector<const char*> names{"fallback_application_name", "connect_timeout",
                                   "keepalives_idle",           "keepalives_interval",
                                   "keepalives_count",          "tcp_user_timeout"};
    std::vector<const char*> values{"wrapup", "2", "5", "2", "3", "5000"};
    for (const auto& [name, value] : host.values) {
        const auto known = std::ranges::find(names, std::string_view(name));
        if (known != names.end()) {
            values[static_cast<std::size_t>(known - names.begin())] = value.c_str();
        } else {
            names.push_back(name.c_str());
            values.push_back(value.c_str());
        }
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    const auto refuse = [&](std::string_view what) {
        return Error{Errc::unavailable, "PostgreSQL at " + host.place + ": " + std::string(what)};
    };
    handle_.reset(PQconnectStartParams(names.data(), values.data(), 0));
    if (!handle_) return Error{Errc::unavailable, "PostgreSQL: out of memory"};
    const auto until = std::min(Clock::now() + options_.connect_deadline, options_.pulse->end());
    for (auto at = PGRES_POLLING_WRITING; at != PGRES_POLLING_OK;) {
        if (at == PGRES_POLLING_FAILED || PQstatus(handle_.get()) == CONNECTION_BAD) {
            std::string words(PQerrorMessage(handle_.get()));
            while (words.ends_with('\n')) words.pop_back();
            std::ranges::replace(words, '\n', ' ');
            std::ranges::replace(words, '\t', ' ');
            return refuse(words);
        }
        if (Clock::now() >= until) return refuse("no connection in time");
        const bool is_reading = at == PGRES_POLLING_READING;
        pollfd watched{PQsocket(handle_.get()), short{POLLIN}, 0};
        if (!is_reading) watched.events = POLLOUT;
        if (::poll(&watched, 1, 100) > 0) at = PQconnectPoll(handle_.get());
    }
    options_.pulse->heard(Clock::now());
    PQsetNoticeReceiver(handle_.get(), hear, this);
    PQsetnonblocking(handle_.get(), 1);
    return {};
}

// The last of its answers.
Result<Answer> Connection::ask_alone(const char* sql, milliseconds deadline) {
    Answer last;
    if (PQsendQuery(handle_.get(), sql) == 0) {
        lose(PQerrorMessage(handle_.get()));
    }
    while (handle_) {
        Answer answer{receive(deadline)};
        if (!answer) break;
        if (PQresultStatus(answer.get()) == PGRES_FATAL_ERROR) fail(*answer);
        last = std::move(answer);
    }
    WRAPUP_CHECK(take_failure());
    return last;
}

Result<void> Connection::set_up() {
    const std::string sql =
        "SET wrapup.slot = " + std::to_string(options_.slot) +
        ";SET lock_timeout = " + std::to_string(options_.lock_deadline.count()) + ";" + settings;
    WRAPUP_TRY(const Answer answer, ask_alone(sql.c_str(), options_.connect_deadline));
    const auto told = [&](int column) {
        return std::string_view(PQgetvalue(answer.get(), 0, column));
    };
    const int version = PQserverVersion(handle_.get());
    if (version < version_min) {
        return refuse_server("version 15 or newer is needed, this is " +
                             std::to_string(version / 10'000));
    }
    if (told(2) != "UTF8") return refuse_server("the database's encoding has to be UTF8");
    if (told(0) == "off" || (told(0) == "local" && !told(1).empty())) {
        return refuse_server("synchronous_commit is " + std::string(told(0)) +
                             ": what was acknowledged could be lost");
    }
    if (told(3) == "t") return Error{Errc::unavailable, "PostgreSQL: the server is a standby"};
    timeline_ = {std::string(told(5)), timeline_of(told(4))};
    if (timeline_.is_before(options_.timeline_min)) {
        return Error{Errc::unavailable, "PostgreSQL: the server is an old primary, on timeline " +
                                            std::to_string(timeline_.number) + "; timeline " +
                                            std::to_string(options_.timeline_min.number) +
                                            " was seen before"};
    }
    if (PQenterPipelineMode(handle_.get()) == 0) {
        return Error{Errc::unavailable, "PostgreSQL: no pipeline"};
    }
    return {};
}

// The lock is the session's: it ends with the connection, however that ends, and a moment later
// where the server has yet to notice.
Result<void> Connection::enter() {
    const auto until = Clock::now() + entry_patience;
    for (;;) {
        run("BEGIN");
        auto lock = query(options_.is_alone ? "SELECT pg_try_advisory_lock(6513002)"
                                            : "SELECT pg_try_advisory_lock_shared(6513002)");
        const bool is_in = lock.next() && lock.integer(0) != 0;
        WRAPUP_CHECK(end());
        if (is_in) return {};
        if (Clock::now() >= until) break;
        std::this_thread::sleep_for(entry_pause);
    }
    return refuse_server(options_.is_alone ? "a wrapup is using this database: stop it first"
                                           : "a migration is using this database");
}

Result<void> Connection::execute(const char* sql) {
    if (!handle_) return Error{Errc::unavailable, "PostgreSQL: the connection was lost"};
    PQexitPipelineMode(handle_.get());
    auto answer = ask_alone(sql, options_.answer_deadline);
    if (handle_) PQenterPipelineMode(handle_.get());
    if (!answer) return answer.error();
    return {};
}

}  // namespace wrapup::postgres
