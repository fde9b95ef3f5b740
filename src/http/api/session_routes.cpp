#include "http/api/session_routes.hpp"

#include "base/text.hpp"
#include "http/api/api_answers.hpp"
#include "http/api/api_input.hpp"

namespace wrapup {
namespace {

constexpr std::size_t body_bytes_max = 64 * 1024;

// A browser says where its page is from. Over https the cookie must not travel without it; over
// http, as on this machine, a browser would not send it at all.
std::string cookie_line(const Request& request, std::string_view session,
                        std::chrono::seconds age) {
    const bool is_https = starts_with_ignoring_case(request.header("Origin"), "https://") ||
                          equals_ignoring_case(request.header("X-Forwarded-Proto"), "https");
    return "Set-Cookie: " + std::string(TokenGuard::cookie) + "=" + std::string(session) +
           "; Path=/; Max-Age=" + std::to_string(age.count()) + "; HttpOnly; SameSite=Strict" +
           (is_https ? "; Secure" : "") + "\r\n";
}

Response no_content(std::string headers) {
    Response response;
    response.status = 204;
    response.headers = std::move(headers) + "Cache-Control: no-store\r\n";
    return response;
}

}  // namespace

void SessionRoutes::add_to(RouteSet& routes) {
    routes.add(
        Method::post, std::string(path), body_bytes_max,
        [this](const Request& r) { return sign_in(r); },
        [this](const Request& r) -> std::optional<Response> {
            if (auto refusal = guard_.refuse_other_site(r)) return refusal;
            return refuse_other_than_json(r);
        });
    // Said with 200, so that a page can ask without an error in the browser's console.
    routes.add_instant(Method::get, std::string(path), [this](const Request& r) {
        const bool is_in = guard_.has_session(r);
        return json_response(200, is_in ? R"({"signed_in":true})" : R"({"signed_in":false})");
    });
    routes.add(
        Method::del, std::string(path), 0, [this](const Request& r) { return sign_out(r); },
        [this](const Request& r) { return guard_.refuse_other_site(r); });
}

// It is over here at once, and durably so when this is answered with 204.
Task<Response> SessionRoutes::sign_out(const Request& request) {
    std::string headers = cookie_line(request, "", std::chrono::seconds{0});
    if (guard_.end_session(request)) {
        KeptValue ended{ended_key_, guard_.ended_sessions()};
        const auto kept = co_await actions_.keep(std::move(ended));
        if (!kept) {
            Response failed = problem(
                503, "signed out here, and it could not be written down: " + kept.error().detail);
            failed.headers += headers;
            co_return failed;
        }
        co_await note(OperatorAct::signed_out);
    }
    co_return no_content(std::move(headers));
}

Task<Response> SessionRoutes::sign_in(const Request& request) {
    const auto parsed = parse_session_request(request.body());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    if (auto refusal = guard_.check_token(request, std::get<std::string>(parsed))) {
        co_return *std::move(refusal);
    }
    co_await note(OperatorAct::signed_in);
    co_return no_content(cookie_line(request, guard_.begin_session(), Sessions::valid_for));
}

// Best effort: whoever has the token gets in, to mend a store that cannot be written.
Task<void> SessionRoutes::note(OperatorAct act) {
    OperatorAction action;
    action.at = clock_.now();
    action.act = act;
    action.who = "dashboard";
    (void)co_await actions_.note(std::move(action));
}

}  // namespace wrapup
