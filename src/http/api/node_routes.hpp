#pragma once

// GET /api/nodes: the processes that share the store. A store in files has one.

#include <cstdint>
#include <functional>
#include <string>

#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "ports/fleet.hpp"

namespace wrapup {

struct NodeView {
    std::string host;
    std::int64_t pid = 0;
    std::function<NodeHolds()> holds;  // From any thread; empty: nothing.
    // All that share the store. From any thread; empty, or none: this one is alone.
    std::function<std::vector<NodeRow>()> all = {};
};

class NodeRoutes {
public:
    NodeRoutes(NodeView view, std::string version, const Clock& clock)
        : view_(std::move(view)),
          version_(std::move(version)),
          clock_(clock),
          since_(clock.now()) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    std::vector<NodeRow> nodes() const;
    std::string render() const;

    const NodeView view_;
    const std::string version_;
    const Clock& clock_;
    const UtcTime since_;
};

}  // namespace wrapup
