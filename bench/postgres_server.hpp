#pragma once

// A PostgreSQL of the measurement's own on loopback, under an unprivileged user, for the server
// refuses root. Commits are synced; the settings are those of docs/postgresql.md.

#include <libpq-fe.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace wrapup::bench {

struct CloseConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
using PostgresConnection = std::unique_ptr<PGconn, CloseConnection>;
using Rows = std::vector<std::vector<std::string>>;

// Ends the program when the server refuses.
Rows ask(PGconn* connection, const std::string& sql);

class PostgresServer {
public:
    explicit PostgresServer(const std::filesystem::path& parent);
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    std::string url(const std::string& database) const;
    PostgresConnection connect(const std::string& database) const;
    // Of all its processes, those that ended too, in seconds.
    double cpu_s() const;
    double wal_bytes() const;

private:
    std::filesystem::path folder_;
    std::uint16_t port_ = 0;
    int pid_ = 0;
    PostgresConnection own_;
};

}  // namespace wrapup::bench
