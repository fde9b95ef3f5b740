#pragma once

// POST /api/session {token}: gives a browser its session as a cookie; DELETE ends it, GET says
// whether there is one.

#include "http/api/token_guard.hpp"
#include "http/server/routes.hpp"

namespace wrapup {

class SessionRoutes {
public:
    static constexpr std::string_view path = "/api/session";

    explicit SessionRoutes(TokenGuard& guard) : guard_(guard) {}
    // This object outlives the routes. Whoever guards /api/ lets `path` through.
    void add_to(RouteSet& routes);

private:
    Task<Response> sign_in(const Request& request);

    TokenGuard& guard_;
};

}  // namespace wrapup
