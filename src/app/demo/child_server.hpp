#pragma once

// `wrapup serve` as a child process of this binary: what the demo shows is the real thing.

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace wrapup {

struct ChildSettings {
    std::filesystem::path program;  // Of the binary.
    std::filesystem::path folder;   // Its working directory, so that no .env of ours is read.
    std::vector<std::pair<std::string, std::string>> environment;  // All of it.
};

class ChildServer {
public:
    // `on_line` is given what the child says, line by line, while the executor runs.
    ChildServer(boost::asio::any_io_executor executor, ChildSettings settings,
                std::function<void(const std::string&)> on_line);
    ~ChildServer();  // Ends the child.
    ChildServer(const ChildServer&) = delete;
    ChildServer& operator=(const ChildServer&) = delete;

    // Not while one is running. unavailable: there are no processes or pipes left.
    Result<void> start();
    bool is_running();
    void kill();                       // kill -9: no time to say goodbye.
    void stop(milliseconds patience);  // SIGTERM; blocks until it has ended, at most so long.

private:
    void reap();

    boost::asio::any_io_executor executor_;
    ChildSettings settings_;
    std::shared_ptr<std::function<void(const std::string&)>> on_line_;
    pid_t pid_ = 0;  // 0: none.
};

// A port of 127.0.0.1 that nobody listens on now.
Result<std::uint16_t> find_free_port();

}  // namespace wrapup
