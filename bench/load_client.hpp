#pragma once

// Keep-alive connections on one thread and one epoll, as cheap per request as can be: what is
// measured shares the machine with us.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wrapup::bench {

struct Load {
    std::span<const std::string> requests;
    bool is_repeated = false;  // Starts over at the end of the requests.
    std::size_t connections = 1;
    double duration_s = 0;  // No more is sent after that; 0: all requests.
    double rate = 0;        // Requests per second, whatever the answers; 0: closed loop.
};

struct LoadResult {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;  // 2xx, before the time was over.
    std::uint64_t refused = 0;   // Anything else.
    std::int64_t started_at_ns = 0;
    double elapsed_s = 0;
    std::vector<std::int64_t> sent_at_ns;  // Of each request; open loop only.
    std::vector<float> latency_us;         // In the order of the answers.

    double per_second() const { return static_cast<double>(answered) / elapsed_s; }
};

LoadResult run_load(std::uint16_t port, const Load& load);

// Of the latencies, in milliseconds.
double quantile_ms(const LoadResult& result, double share);

// The value below which that share of the values lies; 0 of none.
double quantile(std::vector<double> values, double share);
double median(std::vector<double> values);

}  // namespace wrapup::bench
