#pragma once

// /api/do-not-call: the numbers that must not be called.

#include <string>
#include <string_view>
#include <vector>

#include "http/api/api_input.hpp"
#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// {"phone","reason"}, or {"numbers":[{"phone","reason"} or a text…]} with at most 1000.
Parsed<std::vector<DoNotCall>> parse_do_not_call(std::string_view json, const ReadPhone& read_phone,
                                                 UtcTime now);

class DoNotCallRoutes {
public:
    DoNotCallRoutes(CallActions& actions, StoreQueries& store, BlockingPool& pool,
                    const Clock& clock, ReadPhone read_phone)
        : actions_(actions),
          store_(store),
          pool_(pool),
          clock_(clock),
          read_phone_(std::move(read_phone)) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    Task<Response> put(const Request& request);
    Task<Response> list(const Request& request);
    Task<Response> drop(const Request& request);

    CallActions& actions_;
    StoreQueries& store_;
    BlockingPool& pool_;
    const Clock& clock_;
    const ReadPhone read_phone_;
};

}  // namespace wrapup
