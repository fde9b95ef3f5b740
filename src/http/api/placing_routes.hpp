#pragma once

// Placing calls: POST /api/calls, GET /api/intents, GET and DELETE /api/intents/{id}.

#include <string>
#include <utility>

#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "ports/intent_store.hpp"
#include "ports/read_phone.hpp"
#include "service/placer/placing_actions.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class PlacingRoutes {
public:
    // `placer` null: calls cannot be placed, because `missing` is not set.
    PlacingRoutes(PlacingActions* placer, std::string missing, IntentQueries& store,
                  BlockingPool& pool, const Clock& clock, ReadPhone read_phone)
        : placer_(placer),
          missing_(std::move(missing)),
          store_(store),
          pool_(pool),
          clock_(clock),
          read_phone_(std::move(read_phone)) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    Task<Response> place(const Request& request);
    Task<Response> list(const Request& request);
    Task<Response> show(const Request& request);
    Task<Response> cancel(const Request& request);
    Response not_there() const;

    PlacingActions* const placer_;
    const std::string missing_;
    IntentQueries& store_;
    BlockingPool& pool_;
    const Clock& clock_;
    const ReadPhone read_phone_;
};

}  // namespace wrapup
