#include "http/api/status_routes.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/json_string.hpp"
#include "http/api/openapi.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;

namespace {

constexpr milliseconds probe_interval{100};
// Shorter than the patience of whoever asks, who learns nothing from his own time-out.
constexpr milliseconds probe_patience{2'000};

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

void StatusRoutes::add_openapi_to(RouteSet& routes) {
    routes.add_instant(Method::get, "/openapi.json",
                       [](const Request&) { return json_response(200, std::string(openapi())); });
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

struct StatusRoutes::Probe {
    std::optional<bool> is_ok;  // Absent: not known yet.
    std::vector<std::shared_ptr<asio::steady_timer>> waiting;
};

// A store that hangs is not ready; its check goes on and is not started twice.
Task<void> StatusRoutes::probe_store() {
    const UtcTime now = clock_.now();
    if (probed_at_ && is_store_ok_ && now - *probed_at_ < probe_interval) co_return;
    const auto executor = co_await asio::this_coro::executor;
    auto probe = probe_;
    if (!probe) {
        probe = std::make_shared<Probe>();
        probe_ = probe;
        spawn_root(executor, run_probe(probe));  // May be over before this returns.
    }
    if (!probe->is_ok) {
        const auto timer = std::make_shared<asio::steady_timer>(executor, probe_patience);
        probe->waiting.push_back(timer);
        const auto token = asio::as_tuple(asio::use_awaitable);
        co_await timer->async_wait(token);
        std::erase(probe->waiting, timer);
    }
    is_store_ok_ = probe->is_ok.value_or(false);
}

Task<void> StatusRoutes::run_probe(std::shared_ptr<Probe> probe) {
    bool is_ok = false;
    try {
        is_ok = co_await check_store_();
    } catch (const std::exception&) {
        is_ok = false;
    }
    probe->is_ok = is_ok;
    probed_at_ = clock_.now();
    probe_.reset();
    for (const auto& timer : probe->waiting) timer->cancel();
}

}  // namespace wrapup
