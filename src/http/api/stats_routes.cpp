#include "http/api/stats_routes.hpp"

#include <boost/json.hpp>
#include <map>

#include "http/api/api_answers.hpp"
#include "http/api/api_input.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

json::object json_of(const StoreCounts& counts) {
    json::object calls;
    for (const CallState state :
         {CallState::open, CallState::settling, CallState::delivering, CallState::delivered,
          CallState::parked, CallState::out_of_scope}) {
        calls[json_text(to_string(state))] = 0;
    }
    for (const auto& [state, count] : counts.calls) {
        if (state != CallState::merged) calls[json_text(to_string(state))] = count;
    }
    json::object parked;
    for (const auto& [reason, count] : counts.parked) parked[json_text(to_string(reason))] = count;
    json::object out;
    out["calls"] = std::move(calls);
    out["parked"] = std::move(parked);
    out["deliveries_pending"] = counts.deliveries_pending();
    out["late_conflicts"] = counts.late_conflicts;
    out["unknown_outcomes"] = counts.unknown_outcomes;
    return out;
}

json::array json_of(const DelayCells& cells) {
    std::map<std::int64_t, std::map<int, std::int64_t>> units;
    for (const auto& [cell, count] : cells) units[cell.minute][cell.bucket] += count;
    json::array out;
    for (const auto& [minute, counts] : units) {
        const DelaySummary summary = summary_of_delays(start_of_minute(minute), counts);
        out.push_back(json::object{{"at", format_rfc3339(summary.at)},
                                   {"count", summary.count},
                                   {"p50_ms", summary.p50.count()},
                                   {"p95_ms", summary.p95.count()},
                                   {"p99_ms", summary.p99.count()}});
    }
    return out;
}

json::array json_of(const std::vector<OutcomeSum>& sums) {
    std::map<std::string_view, json::object> campaigns;
    for (const OutcomeSum& sum : sums) {
        json::object& campaign = campaigns[sum.campaign];
        if (campaign.empty()) {
            campaign["campaign"] = text_or_null(sum.campaign);
            for (const Outcome outcome :
                 {Outcome::held, Outcome::no_answer, Outcome::no_connection, Outcome::voicemail}) {
                campaign[json_text(to_string(outcome))] = 0;
            }
        }
        campaign[json_text(to_string(sum.outcome))] = sum.calls;
    }
    json::array out;
    for (auto& [name, campaign] : campaigns) out.push_back(std::move(campaign));
    return out;
}

}  // namespace

void StatsRoutes::add_to(RouteSet& routes) {
    routes.add(Method::get, "/api/stats", 0, [this](const Request& r) { return show(r); });
}

Task<Response> StatsRoutes::show(const Request& request) {
    const auto parsed = parse_stats_query(request.query(), zone_, clock_.now());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    const TimeSpan& span = std::get<TimeSpan>(parsed);
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(const StoreCounts counts, store_.counts());
        WRAPUP_TRY(const StatsRows rows, store_.stats(span));
        json::object out;
        out["from"] = format_rfc3339(span.from);
        out["to"] = format_rfc3339(span.until);
        out["now"] = json_of(counts);
        out["delay"] = {{"minutes", json_of(rows.minutes)}, {"hours", json_of(rows.hours)}};
        out["outcomes"] = json_of(rows.outcomes);
        return json::serialize(out);
    };
    auto body = co_await pool_.run(work);
    if (!body) co_return unavailable(body.error().detail);
    co_return json_response(200, *std::move(body));
}

}  // namespace wrapup
