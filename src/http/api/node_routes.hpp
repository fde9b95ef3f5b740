#pragma once

// GET /api/nodes: the processes that share the store. A store in files has one.

#include <cstdint>
#include <functional>
#include <string>

#include "http/server/routes.hpp"
#include "ports/clock.hpp"

namespace wrapup {

struct NodeView {
    std::string host;
    std::int64_t pid = 0;
    struct Holds {
        int calls = 0;       // Being settled.
        int deliveries = 0;  // Being sent.
    };
    std::function<Holds()> holds;  // From any thread; empty: nothing.
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
    std::string render() const;

    const NodeView view_;
    const std::string version_;
    const Clock& clock_;
    const UtcTime since_;
};

}  // namespace wrapup
