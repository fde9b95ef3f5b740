#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace wrapup {

// What strangers may use up of us.
struct ServerLimits {
    std::size_t header_bytes_max = 16 * 1024;
    // Of each listener that says nothing else; the program also looks at its file descriptors.
    std::size_t connections_max = 16 * 1024;
    std::size_t admin_connections_max = 256;
    // Of one peer with a public address. Behind a proxy all have the proxy's address, so that those
    // of this machine and of private networks are not counted, unless `bounds_every_peer`.
    std::size_t peer_connections_max = 4 * 1024;
    std::size_t peer_bodies_bytes_max = 24 * 1024 * 1024;  // One large body fits.
    bool bounds_every_peer = false;

    // Of all requests together, as far as we hold them in memory. Shares: server_shared.cpp.
    std::size_t bodies_bytes_max = 64 * 1024 * 1024;
    // Up to here a body is small, and has the reserve of its endpoint.
    std::size_t small_body_bytes_max = 64 * 1024;
    // Heads that are being received and answers that are being sent, of all connections together.
    std::size_t buffers_bytes_max = 32 * 1024 * 1024;
    // An unread body up to this size is read and dropped to keep the connection.
    std::size_t drain_bytes_max = 64 * 1024;

    // Without a request. Google's load balancer keeps its idle connections for 600 s and answers
    // 502 now and then when we close first.
    milliseconds idle_max{650'000};
    milliseconds header_max{10'000};  // From the first byte to the empty line.
    milliseconds body_max{30'000};    // For a body; plus its size so far at the rate below.
    std::size_t body_bytes_per_s_min = 16 * 1024;
    // A body that did not grow by so much within that time is cut.
    std::size_t progress_bytes = 16 * 1024;
    milliseconds stall_max{10'000};
    milliseconds write_max{30'000};  // For the peer to take our answer; plus its size at this rate:
    std::size_t write_bytes_per_s_min = 128 * 1024;
    milliseconds push_look{1'000};   // How often an answer that goes on is looked at without news.
    std::size_t streams_max = 64;    // Of GET /api/stream; they take up none of the places above.
    milliseconds linger_max{2'000};  // For the peer to see an answer that ends the connection.
};

}  // namespace wrapup
