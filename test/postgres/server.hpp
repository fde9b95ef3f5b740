#pragma once

// A PostgreSQL of the tests' own: a throw-away cluster on loopback, under an unprivileged user, for
// the server refuses root. Whoever has none installed fails. Nothing is synced to the disk: what
// survives the loss of power is not asked here.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "test/store/temporary_folder.hpp"

namespace wrapup {

class PostgresServer {
public:
    explicit PostgresServer(const std::string& settings = "") {
        const std::string data = folder_.file("data");
        if (::getuid() == 0) is_started_ = run("chown postgres " + folder_.path()) == 0;
        is_started_ = run(as_user(binary("initdb") + " -D " + data +
                                  " -U wrapup -A trust --no-sync -E UTF8 --locale=C.UTF-8")) == 0;
        start(settings);
    }
    ~PostgresServer() { stop("immediate"); }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    bool is_started() const { return is_started_; }
    int port() const { return port_; }
    std::string url(const std::string& database = "postgres") const {
        return "postgres://wrapup@127.0.0.1:" + std::to_string(port_) + "/" + database;
    }
    // A new one in the place of the last; `model` is copied.
    std::string make_database(const std::string& model = "template1") {
        const std::string name = "d" + std::to_string(++databases_count_);
        execute("DROP DATABASE IF EXISTS d" + std::to_string(databases_count_ - 1) +
                " WITH (FORCE)");
        execute("CREATE DATABASE " + name + " TEMPLATE " + model);
        return url(name);
    }
    void execute(const std::string& sql, const std::string& database = "postgres") {
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection{
            PQconnectdb(url(database).c_str()), &PQfinish};
        const std::unique_ptr<PGresult, decltype(&PQclear)> done{
            PQexec(connection.get(), sql.c_str()), &PQclear};
        const auto status = PQresultStatus(done.get());
        EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
            << PQerrorMessage(connection.get());
    }
    std::string ask(const std::string& sql, const std::string& database = "postgres") {
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection{
            PQconnectdb(url(database).c_str()), &PQfinish};
        const std::unique_ptr<PGresult, decltype(&PQclear)> answer{
            PQexec(connection.get(), sql.c_str()), &PQclear};
        if (PQntuples(answer.get()) == 0) return PQerrorMessage(connection.get());
        return PQgetvalue(answer.get(), 0, 0);
    }
    // Has taken effect when it returns.
    void set(const std::string& setting, const std::string& value) {
        execute("ALTER SYSTEM SET " + setting + " = '" + value + "'");
        execute("SELECT pg_reload_conf()");
        while (ask("SHOW " + setting) != value) {
        }
        // Whether commits wait for a standby is up to the checkpointer, which takes settings up
        // before a checkpoint; the first may have begun before it was told.
        for (int i = 0; i < 2; ++i) execute("CHECKPOINT");
    }
    void start(const std::string& settings = "") {
        if (port_ == 0) port_ = free_port();
        const std::string options = "-p " + std::to_string(port_) +
                                    " -c listen_addresses=127.0.0.1 -c unix_socket_directories=" +
                                    " -c fsync=off -c max_connections=60 " + settings;
        is_started_ = is_started_ && run(as_user(binary("pg_ctl") + " -D " + folder_.file("data") +
                                                 " -l " + folder_.file("data/log") + " -w -o \"" +
                                                 options + "\" start")) == 0;
    }
    void stop(const std::string& how) {
        run(as_user(binary("pg_ctl") + " -D " + folder_.file("data") + " -m " + how + " stop"));
    }

private:
    static int run(const std::string& command) {
        return std::system(("cd / && " + command + " >/dev/null 2>&1").c_str());
    }
    static std::string as_user(const std::string& command) {
        return (::getuid() == 0 ? "runuser -u postgres -- " : "") + command;
    }
    // Of the newest version that is installed.
    static std::string binary(const std::string& name) {
        std::set<std::filesystem::path> found;
        std::error_code none;
        for (const auto& version :
             std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
            if (exists(version.path() / "bin" / name)) found.insert(version.path() / "bin" / name);
        }
        return found.empty() ? name : found.rbegin()->string();
    }
    static int free_port() {
        const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        (void)::bind(probe, reinterpret_cast<sockaddr*>(&address), size);
        (void)::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
        ::close(probe);
        return ntohs(address.sin_port);
    }

    TemporaryFolder folder_;
    int port_ = 0;
    int databases_count_ = 0;
    bool is_started_ = true;
};

}  // namespace wrapup
