#include "http/status_routes.hpp"

namespace wrapup {

namespace {

constexpr milliseconds probe_interval{1'000};

std::string_view name_of(StatusRoutes::Phase phase) {
    switch (phase) {
        case StatusRoutes::Phase::starting: return "starting";
        case StatusRoutes::Phase::serving: return "ready";
        case StatusRoutes::Phase::stopping: break;
    }
    return "stopping";
}

}  // namespace

void StatusRoutes::add_health_to(RouteSet& routes) {
    routes.add_instant(Method::get, "/healthz",
                       [](const Request&) { return text_response(200, "ok\n"); });
    routes.add(Method::get, "/readyz", 0, [this](const Request&) { return tell_ready(); });
}

void StatusRoutes::add_metrics_to(RouteSet& routes, std::function<std::string()> text) {
    routes.add_instant(Method::get, "/metrics", [text = std::move(text)](const Request&) {
        Response response = text_response(200, text());
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        return response;
    });
}

void StatusRoutes::add_front_page_to(RouteSet& routes, std::string version) {
    std::string page = "wrapup " + version +
                       ": one CRM record for every finished call.\n\n"
                       "The API is under /api and wants `Authorization: Bearer <token>`:\n"
                       "  GET /api/calls        the calls, newest first\n"
                       "  GET /api/calls/{sid}  one call's whole story\n"
                       "State: /readyz, /metrics.\n";
    routes.add_instant(Method::get, "/", [page = std::move(page)](const Request&) {
        return text_response(200, page);
    });
}

Task<Response> StatusRoutes::tell_ready() {
    co_await probe_store();
    const bool is_ready = phase_ == Phase::serving && is_store_ok_;
    std::string body = R"({"status":)";
    body += json_quoted(phase_ == Phase::serving && !is_store_ok_ ? "not ready" : name_of(phase_));
    body += R"(,"dependencies":{"store":)";
    body += is_store_ok_ ? R"("ok")" : R"("away")";
    if (dependencies_) {
        for (const auto& [name, state] : dependencies_()) {
            body += "," + json_quoted(name) + ":" + json_quoted(state);
        }
    }
    body += "}}\n";
    co_return json_response(is_ready ? 200 : 503, std::move(body));
}

Task<void> StatusRoutes::probe_store() {
    const UtcTime now = clock_.now();
    if (probed_at_ && is_store_ok_ && now - *probed_at_ < probe_interval) co_return;
    auto work = [&] { return store_.next_call_due().has_value(); };
    is_store_ok_ = co_await pool_.run(work);
    probed_at_ = now;
}

}  // namespace wrapup
