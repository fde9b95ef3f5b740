#pragma once

// POST /api/session {token}: gives a browser its session as a cookie; DELETE ends it, GET says
// whether there is one.

#include "http/api/token_guard.hpp"
#include "http/server/routes.hpp"
#include "service/call_actions.hpp"

namespace wrapup {

class SessionRoutes {
public:
    static constexpr std::string_view path = "/api/session";

    // Where the sessions that ended are kept.
    static constexpr std::string_view kept_key = "sessions.ended";

    // `ended_key`: kept_key, with something behind it where others keep theirs beside it.
    SessionRoutes(TokenGuard& guard, CallActions& actions, const Clock& clock,
                  std::string ended_key)
        : guard_(guard), actions_(actions), clock_(clock), ended_key_(std::move(ended_key)) {}
    // This object outlives the routes. Whoever guards /api/ lets `path` through.
    void add_to(RouteSet& routes);

private:
    Task<Response> sign_in(const Request& request);
    Task<Response> sign_out(const Request& request);
    Task<void> note(OperatorAct act);

    TokenGuard& guard_;
    CallActions& actions_;
    const Clock& clock_;
    const std::string ended_key_;
};

}  // namespace wrapup
