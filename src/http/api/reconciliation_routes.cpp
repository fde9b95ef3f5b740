#include "http/api/reconciliation_routes.hpp"

#include <boost/json.hpp>

#include "base/text.hpp"
#include "http/api/api_answers.hpp"
#include "http/api/reconciliation_input.hpp"
#include "ports/metrics.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::size_t body_bytes_max = 64 * 1024;

json::object json_of(const ReconcileCounts& counts) {
    return {{"requests", counts.requests},
            {"listed", counts.listed},
            {"legs", counts.legs},
            {"known", counts.known},
            {"out_of_scope", counts.strangers},
            {"running", counts.running},
            {"missed", counts.missed},
            {"appended", counts.appended},
            {"unadoptable", counts.unadoptable},
            {"only_here", counts.only_here},
            {"conversations", counts.conversations}};
}

json::object json_of(const ReconcileFinding& finding) {
    json::object out{{"call_sid", finding.call_sid}, {"kind", finding.what}};
    out["status"] = finding.status ? text_or_null(to_string(*finding.status)) : nullptr;
    out["duration_s"] = finding.duration_s ? json::value(*finding.duration_s) : nullptr;
    out["created_at"] = time_or_null(finding.made_at);
    out["reason"] = text_or_null(finding.why);
    return out;
}

json::object json_of(const ReconcileRun& run, bool has_findings) {
    json::object out{{"id", run.id}, {"state", text_or_null(to_string(run.state))}};
    out["ordered"] = run.is_ordered;
    out["dry_run"] = run.is_dry_run;
    out["from"] = time_or_null(run.from);
    out["to"] = time_or_null(run.until);
    out["started_at"] = time_or_null(run.started_at);
    out["ended_at"] = time_or_null(run.ended_at);
    out["reached"] = time_or_null(run.reached);
    out["counts"] = json_of(run.counts);
    out["error"] = text_or_null(run.error);
    if (!has_findings) return out;
    json::array findings;
    for (const ReconcileFinding& finding : run.findings) findings.push_back(json_of(finding));
    out["findings"] = std::move(findings);
    return out;
}

json::value json_of(const std::optional<ReconcileTrouble>& trouble) {
    if (!trouble) return nullptr;
    return json::object{{"since", format_rfc3339(trouble->since)},
                        {"count", trouble->count},
                        {"what", trouble->what}};
}

json::object json_of(const WebhookHealth& webhook) {
    return {{"name", text_or_null(webhook.name)},
            {"url", text_or_null(webhook.url)},
            {"is_disabled", webhook.is_disabled},
            {"is_auto_disabled", webhook.is_auto_disabled},
            {"last_error", text_or_null(webhook.last_error)},
            {"last_failed_at", time_or_null(webhook.last_failed_at)}};
}

json::object json_of(const ReconcileStatus& status) {
    json::object out;
    out["node"] = text_or_null(status.node);
    out["interval_s"] = std::chrono::duration_cast<seconds>(status.interval).count();
    out["next_at"] = time_or_null(status.next_at);
    out["listed_until"] = time_or_null(status.listed_until);
    out["windows_left"] = status.windows_left;
    json::value ahead = nullptr;
    if (status.clock_ahead) {
        ahead = std::chrono::duration_cast<seconds>(*status.clock_ahead).count();
    }
    out["twilio"] = {{"trouble", json_of(status.twilio)}, {"clock_ahead_s", ahead}};
    out["elevenlabs"] = {{"trouble", json_of(status.elevenlabs)}};
    json::array runs;
    for (const ReconcileRun& run : status.runs) runs.push_back(json_of(run, false));
    out["runs"] = std::move(runs);
    out["webhooks"] = nullptr;
    out["webhooks_asked_at"] = time_or_null(status.webhooks_asked_at);
    if (!status.webhooks) return out;
    json::array webhooks;
    for (const WebhookHealth& webhook : *status.webhooks) webhooks.push_back(json_of(webhook));
    out["webhooks"] = std::move(webhooks);
    return out;
}

// The series of one counter in Prometheus' text form.
json::array refused_in(std::string_view metrics_text) {
    constexpr std::string_view series = "wrapup_requests_rejected_total{cause=\"";
    json::array refused;
    while (!metrics_text.empty()) {
        const std::size_t end = std::min(metrics_text.find('\n'), metrics_text.size());
        std::string_view line = metrics_text.substr(0, end);
        metrics_text.remove_prefix(std::min(end + 1, metrics_text.size()));
        if (!line.starts_with(series)) continue;
        line.remove_prefix(series.size());
        const std::size_t quote = line.find("\"} ");
        if (quote == std::string_view::npos) continue;
        const auto count = parse_int(line.substr(quote + 3)).value_or(0);
        if (count == 0) continue;
        refused.push_back({{"cause", text_or_null(line.substr(0, quote))}, {"count", count}});
    }
    return refused;
}

Response not_there() {
    return problem(501, "Twilio's credentials are not set: there is nothing to compare with");
}

}  // namespace

void ReconciliationRoutes::add_to(RouteSet& routes) {
    routes.add(Method::get, "/api/reconciliation", 0,
               [this](const Request&) { return tell_status(); });
    routes.add(Method::get, "/api/reconciliation/{}", 0,
               [this](const Request& r) { return find(r); });
    routes.add(
        Method::post, "/api/reconciliation", body_bytes_max,
        [this](const Request& r) { return order(r); }, refuse_other_than_json);
}

Task<Response> ReconciliationRoutes::tell_status() {
    ReconcileStatus status;
    if (reconciler_ != nullptr) status = co_await reconciler_->status();
    json::object out = json_of(status);
    out["refused"] = metrics_text_ ? refused_in(metrics_text_()) : json::array{};
    co_return json_response(200, json::serialize(out));
}

Task<Response> ReconciliationRoutes::order(const Request& request) {
    if (reconciler_ == nullptr) co_return not_there();
    auto parsed = parse_reconcile_order(request.body(), zone_, clock_.now());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    const ReconcileOrder order = std::get<ReconcileOrder>(parsed);
    const auto run = co_await reconciler_->order(order);
    if (run) co_return json_response(202, json::serialize(json_of(*run, true)));
    if (run.error().code == Errc::unavailable) co_return unavailable(run.error().detail);
    const bool is_full = run.error().code == Errc::conflict;
    co_return problem(is_full ? 409 : 400, run.error().detail);
}

Task<Response> ReconciliationRoutes::find(const Request& request) {
    if (reconciler_ == nullptr) co_return not_there();
    const auto id = parse_int(request.parameter());
    if (!id) co_return problem(404, "no such run");
    const auto run = co_await reconciler_->find_run(*id);
    if (!run) co_return problem(404, "no such run; the last twenty are remembered");
    co_return json_response(200, json::serialize(json_of(*run, true)));
}

}  // namespace wrapup
