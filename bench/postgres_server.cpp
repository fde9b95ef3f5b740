#include "bench/postgres_server.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <sstream>

#include "bench/child.hpp"
#include "bench/server_process.hpp"
#include "bench/wire.hpp"

namespace wrapup::bench {
namespace {

constexpr const char* settings =
    " -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c wal_compression=lz4"
    " -c max_wal_size=4GB -c checkpoint_timeout=15min -c shared_buffers=512MB -c jit=off"
    " -c autovacuum_naptime=10s";

// Of the newest version that is installed.
std::string program(const std::string& name) {
    std::set<std::filesystem::path> found;
    std::error_code none;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
        if (exists(version.path() / "bin" / name)) found.insert(version.path() / "bin" / name);
    }
    if (found.empty()) die("no PostgreSQL server: install postgresql");
    return found.rbegin()->string();
}

int run(const std::string& command) {
    const std::string user = ::getuid() == 0 ? "runuser -u postgres -- " : "";
    return std::system(("cd / && " + user + command + " >/dev/null 2>&1").c_str());
}

}  // namespace

Rows ask(PGconn* connection, const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> answer{PQexec(connection, sql.c_str()),
                                                               &PQclear};
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) die(PQerrorMessage(connection));
    Rows rows(static_cast<std::size_t>(PQntuples(answer.get())));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (int column = 0; column < PQnfields(answer.get()); ++column) {
            rows[row].emplace_back(PQgetvalue(answer.get(), static_cast<int>(row), column));
        }
    }
    return rows;
}

PostgresServer::PostgresServer(const std::filesystem::path& parent)
    : folder_(parent / "postgres"), port_(free_port()) {
    std::filesystem::create_directories(folder_);
    ::chmod(parent.c_str(), 0755);  // The server's user goes through it.
    if (::getuid() == 0 && std::system(("chown postgres " + folder_.string()).c_str()) != 0) {
        die("no user postgres");
    }
    const std::string data = (folder_ / "data").string();
    if (run(program("initdb") + " -D " + data + " -U wrapup -A trust -E UTF8 --locale=C.UTF-8") !=
        0) {
        die("PostgreSQL makes no cluster in " + data);
    }
    if (run(program("pg_ctl") + " -D " + data + " -l " + data + "/log -w -o \"-p " +
            std::to_string(port_) + settings + "\" start") != 0) {
        die("PostgreSQL does not start:\n" + text_of(data + "/log"));
    }
    pid_ = std::atoi(text_of(data + "/postmaster.pid").c_str());
    own_ = connect("postgres");
}

PostgresServer::~PostgresServer() {
    own_.reset();
    run(program("pg_ctl") + " -D " + (folder_ / "data").string() + " -m immediate stop");
}

std::string PostgresServer::url(const std::string& database) const {
    return "postgres://wrapup@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

PostgresConnection PostgresServer::connect(const std::string& database) const {
    PostgresConnection connection{PQconnectdb(url(database).c_str())};
    if (PQstatus(connection.get()) != CONNECTION_OK) die(PQerrorMessage(connection.get()));
    return connection;
}

double PostgresServer::cpu_s() const {
    const auto stat_of = [](int pid) { return "/proc/" + std::to_string(pid) + "/stat"; };
    const auto sum = [](std::pair<double, double> times) { return times.first + times.second; };
    double total = sum(cpu_of(stat_of(pid_))) + sum(cpu_of(stat_of(pid_), true));
    const std::string own = std::to_string(pid_);
    std::istringstream children(text_of("/proc/" + own + "/task/" + own + "/children"));
    for (int pid = 0; children >> pid;) total += sum(cpu_of(stat_of(pid)));
    return total;
}

double PostgresServer::wal_bytes() const {
    return std::atof(ask(own_.get(), "SELECT pg_current_wal_insert_lsn() - '0/0'")[0][0].c_str());
}

}  // namespace wrapup::bench
