#pragma once

// The operator's API: everything under /api, behind a bearer token.

#include <functional>
#include <string>
#include <vector>

#include "http/api/api_bodies.hpp"
#include "http/api/session_routes.hpp"
#include "http/api/token_guard.hpp"
#include "http/server/rejection_log.hpp"
#include "http/server/routes.hpp"
#include "ports/check_time_zone.hpp"
#include "ports/clock.hpp"
#include "ports/read_phone.hpp"
#include "ports/store_queries.hpp"
#include "service/call_actions.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

struct ApiOptions {
    std::string token;           // Empty: nobody gets in.
    std::string ended_sessions;  // As they were kept.
    std::string ended_key{SessionRoutes::kept_key};
    std::vector<std::string> destinations;  // The configured ones, by name.
    // How many attempts may be under way to a destination now; from any thread. May be empty.
    std::function<int(std::string_view)> places;
    RateWaits rate_wait;  // Of a destination, now; from any thread. May be empty.
    // Calls that settled without a destination, of which something is to be said. On the pool.
    std::function<std::int64_t(std::string_view)> earlier;
    std::size_t body_bytes_max = 64 * 1024;
    ReadPhone read_phone;
    CheckTimeZone check_time_zone;
    TimeZone zone;  // Of days.
};

class ApiRoutes {
public:
    ApiRoutes(ApiOptions options, CallActions& actions, StoreQueries& store, BlockingPool& pool,
              const Clock& clock, EventLog& log, Metrics& metrics);
    // This object outlives the routes.
    void add_to(RouteSet& routes);
    TokenGuard& guard() { return guard_; }

private:
    using Operation = Task<Response> (ApiRoutes::*)(const Request&);
    void add(RouteSet& routes, Method method, std::string pattern, Operation operation);

    Task<Response> send_now(const Request& request);
    Task<Response> list_calls(const Request& request);
    Task<Response> search_calls(const Request& request);
    Task<Response> page_of(const CallFilter& filter);
    Task<Response> show_call(const Request& request);
    Task<Response> park(const Request& request);
    Task<Response> put_metadata(const Request& request);
    Task<Response> put_campaign(const Request& request);
    Task<Response> list_contacts(const Request& request);
    Task<Response> put_contact(const Request& request);
    Task<Response> list_destinations(const Request& request);
    Task<Response> pause(const Request& request);
    Task<Response> resume(const Request& request);
    Task<Response> set_destination(std::string name, DestinationState state);

    const ApiOptions options_;
    CallActions& actions_;
    StoreQueries& store_;
    BlockingPool& pool_;
    const Clock& clock_;
    TokenGuard guard_;
    SessionRoutes session_;
};

}  // namespace wrapup
