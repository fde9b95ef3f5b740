#include "http/api/api_routes.hpp"

#include <utility>

#include "base/json_string.hpp"
#include "domain/call_id.hpp"
#include "http/api/api_answers.hpp"
#include "http/api/api_bodies.hpp"
#include "http/api/api_input.hpp"

namespace wrapup {

namespace {

int status_of(SendNowAnswer::Kind kind) {
    using Kind = SendNowAnswer::Kind;
    switch (kind) {
        case Kind::accepted: return 200;
        case Kind::adopted: return 202;
        case Kind::refused:
        case Kind::unreachable: return 502;
        case Kind::already:
        case Kind::not_over:
        case Kind::disabled:
        case Kind::out_of_scope:
        case Kind::busy: break;
    }
    return 409;
}

constexpr std::string_view send_path = "/api/test-crm-webhook";

// Every answer of that endpoint has success, message and details, refusals too.
Response as_send_answer(Response refusal) {
    refusal.body = add_send_members(refusal.body);
    return refusal;
}

// For whoever knows this endpoint from a service that wanted no token.
Response with_token_advice(Response refusal) {
    if (refusal.status != 401) return refusal;
    Response advised = problem(
        401,
        "this wants `Authorization: Bearer <token>`: the token is WRAPUP_API_TOKEN, or in the file "
        "api_token of WRAPUP_DATA_DIR; `wrapup send SID` finds it and does the same");
    advised.headers = std::move(refusal.headers);
    return advised;
}

}  // namespace

ApiRoutes::ApiRoutes(ApiOptions options, CallActions& actions, StoreQueries& store,
                     BlockingPool& pool, const Clock& clock, EventLog& log, Metrics& metrics)
    : options_(std::move(options)),
      actions_(actions),
      store_(store),
      pool_(pool),
      clock_(clock),
      guard_(options_.token, clock, log, metrics),
      session_(guard_, actions, clock, options_.ended_key) {
    guard_.recall_ended(options_.ended_sessions);
}

void ApiRoutes::add_to(RouteSet& routes) {
    session_.add_to(routes);
    routes.guard_below("/api/", [this](const Request& r) -> std::optional<Response> {
        if (r.path() == SessionRoutes::path) return std::nullopt;
        auto refusal = guard_.check(r);
        if (refusal && r.path() == send_path) {
            refusal = as_send_answer(with_token_advice(*std::move(refusal)));
        }
        return refusal;
    });
    routes.add(
        Method::post, std::string(send_path), options_.body_bytes_max,
        [this](const Request& r) { return send_now(r); },
        [](const Request& r) {
            auto refusal = refuse_other_than_json(r);
            return refusal ? as_send_answer(*std::move(refusal)) : refusal;
        });
    add(routes, Method::get, "/api/calls", &ApiRoutes::list_calls);
    add(routes, Method::post, "/api/calls/search", &ApiRoutes::search_calls);
    add(routes, Method::get, "/api/calls/{}", &ApiRoutes::show_call);
    add(routes, Method::put, "/api/calls/{}/metadata", &ApiRoutes::put_metadata);
    add(routes, Method::post, "/api/campaigns", &ApiRoutes::put_campaign);
    add(routes, Method::get, "/api/contacts", &ApiRoutes::list_contacts);
    add(routes, Method::post, "/api/contacts", &ApiRoutes::put_contact);
    add(routes, Method::get, "/api/destinations", &ApiRoutes::list_destinations);
    // A reason is taken from the body (OperatorLog); without one `curl -X POST` does.
    const auto act = [&](std::string pattern, Operation operation) {
        routes.add(Method::post, std::move(pattern), options_.body_bytes_max,
                   [this, operation](const Request& r) { return (this->*operation)(r); });
    };
    act("/api/calls/{}/park", &ApiRoutes::park);
    act("/api/destinations/{}/pause", &ApiRoutes::pause);
    act("/api/destinations/{}/resume", &ApiRoutes::resume);
}

void ApiRoutes::add(RouteSet& routes, Method method, std::string pattern, Operation operation) {
    const auto handler = [this, operation](const Request& r) { return (this->*operation)(r); };
    if (method == Method::get) {
        routes.add(method, std::move(pattern), 0, handler);
    } else {
        routes.add(method, std::move(pattern), options_.body_bytes_max, handler,
                   refuse_other_than_json);
    }
}

// ---- Calls ----

Task<Response> ApiRoutes::send_now(const Request& request) {
    auto parsed = parse_send_request(request.body());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) {
        co_return as_send_answer(bad_input(*bad));
    }
    SendRequest& asked = std::get<SendRequest>(parsed);
    const auto answer =
        co_await actions_.send_now(std::move(asked.any_id), asked.when, asked.again);
    if (!answer) co_return as_send_answer(error_response(answer.error()));
    const int status = status_of(answer->kind);
    Response response = json_response(status, render_send_answer(*answer, status));
    if (status >= 400) response.content_type = "application/problem+json";
    co_return response;
}

Task<Response> ApiRoutes::list_calls(const Request& request) {
    auto parse = [&] {
        return parse_call_filter(request.query(), options_.zone, options_.read_phone);
    };
    const auto parsed = co_await pool_.run(parse);
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    co_return co_await page_of(std::get<CallFilter>(parsed));
}

Task<Response> ApiRoutes::search_calls(const Request& request) {
    auto parse = [&] {
        return parse_call_search(request.body(), options_.zone, options_.read_phone);
    };
    const auto parsed = co_await pool_.run(parse);
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    co_return co_await page_of(std::get<CallFilter>(parsed));
}

Task<Response> ApiRoutes::page_of(const CallFilter& filter) {
    // Rendered where it was read, so that a long answer holds up no webhook.
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(CallPage page, store_.list_calls(filter));
        WRAPUP_TRY(const std::vector<DestinationRow> rows, store_.destinations());
        for (Call& call : page.calls) {
            if (call.state != CallState::delivering) continue;
            WRAPUP_TRY(const CallStory story, store_.find_story(call.id));
            call.due_at = next_due_at(story, rows);
        }
        return render_call_page(page);
    };
    auto body = co_await pool_.run(work);
    if (body) co_return json_response(200, *std::move(body));
    if (body.error().code == Errc::invalid_input) {
        const BadInput bad{"cursor", "take it from next_cursor of the page before"};
        co_return bad_input(bad);
    }
    co_return error_response(body.error());
}

Task<Response> ApiRoutes::show_call(const Request& request) {
    const std::string& id = request.parameter();
    const UtcTime now = clock_.now();
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(const std::string call_id, store_.resolve(id));
        WRAPUP_TRY(const CallStory story, store_.find_story(call_id));
        WRAPUP_TRY(const std::vector<DestinationRow> rows, store_.destinations());
        return render_story(story, rows, now, options_.rate_wait);
    };
    auto body = co_await pool_.run(work);
    if (body) co_return json_response(200, *std::move(body));
    if (body.error().code == Errc::not_found) co_return problem(404, "nobody knows this call");
    co_return error_response(body.error());
}

Task<Response> ApiRoutes::put_metadata(const Request& request) {
    std::string call_id = request.parameter();
    if (!is_plausible_call_id(call_id)) {
        const BadInput bad{"sid", "this is no call's id"};
        co_return bad_input(bad);
    }
    // Numbers are read away from the event loop: the first one takes a while.
    auto parse = [&] { return parse_metadata(request.body(), options_.read_phone); };
    auto parsed = co_await pool_.run(parse);
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    // A conversation that is part of a known call stands for that call; a call that is not known
    // yet keeps the name it was given.
    auto work = [&] { return store_.resolve(call_id); };
    auto resolved = co_await pool_.run(work);
    if (resolved) {
        call_id = *std::move(resolved);
    } else if (resolved.error().code != Errc::not_found) {
        co_return error_response(resolved.error());
    }
    CallMetadata metadata = std::get<CallMetadata>(std::move(parsed));
    const auto done = co_await actions_.put_metadata(std::move(call_id), std::move(metadata));
    if (!done) co_return error_response(done.error());
    Response response;
    response.status = 204;
    co_return response;
}

// ---- Campaigns and contacts ----

Task<Response> ApiRoutes::put_campaign(const Request& request) {
    auto parsed = parse_campaign(request.body());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    Campaign campaign = std::get<Campaign>(std::move(parsed));
    std::string body = render_campaign(campaign);
    const auto done = co_await actions_.put_campaign(std::move(campaign));
    if (!done) co_return error_response(done.error());
    co_return json_response(201, std::move(body));
}

Task<Response> ApiRoutes::list_contacts(const Request& request) {
    auto parsed = parse_list_query(request.query());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    const ListQuery& query = std::get<ListQuery>(parsed);
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(const auto list, store_.list_contacts(query.after, query.limit));
        return render_contacts(list, query.limit);
    };
    auto body = co_await pool_.run(work);
    if (!body) co_return error_response(body.error());
    co_return json_response(200, *std::move(body));
}

Task<Response> ApiRoutes::put_contact(const Request& request) {
    auto parse = [&] {
        return parse_contact(request.body(), options_.read_phone, options_.check_time_zone);
    };
    auto parsed = co_await pool_.run(parse);
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    Contact contact = std::get<Contact>(std::move(parsed));
    std::string body = render_contact(contact);
    const auto done = co_await actions_.put_contact(std::move(contact));
    if (!done) co_return error_response(done.error());
    co_return json_response(201, std::move(body));
}

Task<Response> ApiRoutes::park(const Request& request) {
    std::string id = request.parameter();
    std::string body = R"({"id":)" + json_quoted(id) + R"(,"parked":)";
    const auto parked = co_await actions_.park(std::move(id));
    if (!parked && parked.error().code == Errc::not_found)
        co_return problem(404, "nobody knows this call");
    if (!parked) co_return error_response(parked.error());
    co_return json_response(200, body + std::to_string(*parked) + "}");
}

// ---- Destinations ----

Task<Response> ApiRoutes::list_destinations(const Request&) {
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(const auto rows, store_.destinations());
        WRAPUP_TRY(const StoreCounts counts, store_.counts());
        return render_destinations(options_.destinations, rows, find_pauses(store_, rows), counts,
                                   options_.places, options_.earlier);
    };
    auto body = co_await pool_.run(work);
    if (!body) co_return error_response(body.error());
    co_return json_response(200, *std::move(body));
}

Task<Response> ApiRoutes::pause(const Request& request) {
    return set_destination(request.parameter(), DestinationState::paused);
}

Task<Response> ApiRoutes::resume(const Request& request) {
    return set_destination(request.parameter(), DestinationState::active);
}

Task<Response> ApiRoutes::set_destination(std::string name, DestinationState state) {
    std::string body =
        R"({"name":)" + json_quoted(name) + R"(,"state":)" + json_quoted(to_string(state));
    const auto is_probed = co_await actions_.set_destination(std::move(name), state);
    if (!is_probed && is_probed.error().code == Errc::not_found) {
        co_return problem(404, "no destination of this name is configured");
    }
    if (!is_probed) co_return error_response(is_probed.error());
    if (state == DestinationState::active) {
        body += *is_probed ? R"(,"probe":true)" : R"(,"probe":false)";
    }
    co_return json_response(200, body + "}");
}

}  // namespace wrapup
