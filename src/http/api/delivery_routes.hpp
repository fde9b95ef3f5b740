#pragma once

// GET /api/deliveries, and GET /api/failures: what is not accepted, by its cause.

#include "http/server/routes.hpp"
#include "ports/store_queries.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class DeliveryRoutes {
public:
    DeliveryRoutes(const TimeZone& zone, StoreQueries& store, BlockingPool& pool)
        : zone_(zone), store_(store), pool_(pool) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    Task<Response> list(const Request& request);
    Task<Response> list_failures();

    const TimeZone& zone_;
    StoreQueries& store_;
    BlockingPool& pool_;
};

}  // namespace wrapup
