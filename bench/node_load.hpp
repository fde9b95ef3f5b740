#pragma once

// The same load from a sender of the usual kind: Node.js, its own HTTP client, keep-alive.

#include <filesystem>

#include "bench/load_client.hpp"

namespace wrapup::bench {

// Closed loop only; no latencies. `folder` takes the requests on their way there. Ends the program
// when `node` is not there.
LoadResult run_node_load(std::uint16_t port, const Load& load, const std::filesystem::path& folder);

}  // namespace wrapup::bench
