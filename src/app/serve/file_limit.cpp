#include "app/serve/file_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace wrapup {

namespace {

constexpr std::size_t own_files = 512;
constexpr std::size_t files_assumed = 1024;  // Where the system does not say.

}  // namespace

std::size_t raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return files_assumed;
    rlimit raised = limit;
    raised.rlim_cur = raised.rlim_max;
    // What is refused leaves the soft limit as it was.
    return setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

ServerLimits server_limits_within(std::size_t files_max) {
    ServerLimits limits;
    const std::size_t kept = std::min(own_files, files_max / 2);
    limits.admin_connections_max =
        std::clamp<std::size_t>(files_max / 16, 1, limits.admin_connections_max);
    const std::size_t left =
        files_max - kept - std::min(files_max / 4, limits.admin_connections_max);
    limits.connections_max = std::clamp<std::size_t>(left, 1, limits.connections_max);
    limits.peer_connections_max =
        std::clamp<std::size_t>(limits.connections_max / 4, 1, limits.peer_connections_max);
    limits.streams_max = std::clamp<std::size_t>(kept / 8, 1, limits.streams_max);
    return limits;
}

}  // namespace wrapup
