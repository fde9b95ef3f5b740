#pragma once

// POST /api/replays previews a replay, or begins one; GET lists them; GET and DELETE
// /api/replays/{id} show and cancel one.

#include "http/api/replay_input.hpp"
#include "http/server/routes.hpp"
#include "ports/store_queries.hpp"
#include "service/replay/replay_actions.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class ReplayRoutes {
public:
    // Without actions there are no routes.
    ReplayRoutes(const TimeZone& zone, ReplayActions* actions, CallQueries& store,
                 BlockingPool& pool)
        : zone_(zone), actions_(actions), store_(store), pool_(pool) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    Task<Response> order(const Request& request);
    Task<Response> preview(ReplayOrder order);
    Task<Response> start(ReplayRequest request);
    Task<Response> list();
    Task<Response> find(const Request& request);
    Task<Response> cancel(const Request& request);

    const TimeZone& zone_;
    ReplayActions* actions_;
    CallQueries& store_;
    BlockingPool& pool_;
};

}  // namespace wrapup
