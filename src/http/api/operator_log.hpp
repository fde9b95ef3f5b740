#pragma once

// Notes what people ask for, and answers GET /api/log. An action is noted before it is answered:
// what somebody was told of is in the log, done or refused. A request that was not understood is no
// action, and neither is one without the token.

#include <string_view>

#include "domain/operator_action.hpp"
#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/store_queries.hpp"
#include "service/call_actions.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class OperatorLog {
public:
    OperatorLog(CallActions& actions, StoreQueries& store, BlockingPool& pool, const Clock& clock,
                EventLog& log)
        : actions_(actions), store_(store), pool_(pool), clock_(clock), log_(log) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);
    // Notes what comes by those of the routes that carry out a person's wish.
    void listen_to(RouteSet& routes);
    // Whether it notes what comes by such a route.
    static bool notes(Method method, std::string_view pattern);

private:
    struct Noted;
    static const std::vector<Noted>& noted_routes();

    Task<Response> note(const Request& request, Task<Response> work, const Noted& route);
    Task<Response> list(const Request& request);

    CallActions& actions_;
    StoreQueries& store_;
    BlockingPool& pool_;
    const Clock& clock_;
    EventLog& log_;
};

}  // namespace wrapup
