#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace wrapup {

// What strangers may use up of us.
struct ServerLimits {
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t connections_max = 4096;
    // Of all requests together, as far as we hold them in memory.
    std::size_t bodies_bytes_max = 64 * 1024 * 1024;
    // An unread body up to this size is read and dropped to keep the connection.
    std::size_t drain_bytes_max = 64 * 1024;

    milliseconds idle_max{75'000};    // Between requests.
    milliseconds header_max{10'000};  // From the first byte (or the connect) to the empty line.
    milliseconds body_max{30'000};    // For a body; plus its size so far at the rate below.
    std::size_t body_bytes_per_s_min = 128 * 1024;
    milliseconds write_max{30'000};  // For the peer to take our answer.
    milliseconds linger_max{2'000};  // For the peer to see an answer that ends the connection.
};

}  // namespace wrapup
