#pragma once

// `wrapup serve` as a child process on a free port, with a data folder of its own.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/child.hpp"

namespace wrapup::bench {

struct ServerOptions {
    std::filesystem::path binary;
    std::filesystem::path data_dir;  // Kept; its owner removes it.
    std::uint16_t crm_port = 0;
    bool is_delivery_enabled = true;
    std::vector<std::string> settings;  // Further ones, NAME=value.
};

struct CpuUse {
    double total_s = 0;
    double user_s = 0;
    std::map<int, double> threads_s;  // By thread id, which follows the order of their making.
};

// User and system time of a /proc stat file, in seconds; or of the children it has waited for.
std::pair<double, double> cpu_of(const std::string& path, bool is_of_ended = false);

class ServerProcess {
public:
    // Returns when /readyz says 200; ends the program when it does not.
    explicit ServerProcess(const ServerOptions& options);

    std::uint16_t port() const { return port_; }
    double ready_after_ms() const { return ready_after_ms_; }
    std::int64_t rss_kb() const;
    CpuUse cpu() const;
    // The sum of a metric over its labels; 0 when it is not there.
    double metric(const std::string& name) const;
    // Of the API, with the token; the status of the answer.
    int post(const std::string& target) const;

private:
    std::unique_ptr<Child> child_;
    std::uint16_t port_ = 0;
    double ready_after_ms_ = 0;
};

// A new folder below `parent`, removed with all that is in it.
class TemporaryFolder {
public:
    explicit TemporaryFolder(const std::filesystem::path& parent);
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace wrapup::bench
