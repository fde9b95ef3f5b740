#pragma once

// GET /api/stats: how many calls are where now, what came of calls, and how long records took from
// the end of the call to the CRM (?from=&to=, by default the last day).

#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "ports/store_queries.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class StatsRoutes {
public:
    StatsRoutes(const TimeZone& zone, StoreQueries& store, BlockingPool& pool, const Clock& clock)
        : zone_(zone), store_(store), pool_(pool), clock_(clock) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    Task<Response> show(const Request& request);

    const TimeZone& zone_;
    StoreQueries& store_;
    BlockingPool& pool_;
    const Clock& clock_;
};

}  // namespace wrapup
