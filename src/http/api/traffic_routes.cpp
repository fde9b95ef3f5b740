#include "http/api/traffic_routes.hpp"

#include <boost/json.hpp>
#include <optional>
#include <vector>

namespace wrapup {
namespace json = boost::json;
namespace {

json::array json_of(const std::vector<RecentTraffic::Line>& lines, std::string_view name) {
    json::array out;
    for (const RecentTraffic::Line& line : lines) {
        json::object one;
        one[json::string_view(name.data(), name.size())] = line.kind;
        one["last_hour"] = line.last_hour;
        one["last_at"] = format_rfc3339(line.last_at);
        out.push_back(std::move(one));
    }
    return out;
}

// Kinds are "twilio.status", "elevenlabs.transcription", ….
json::object sender_of(const char* name, bool is_open,
                       const std::vector<RecentTraffic::Line>& events) {
    std::int64_t last_hour = 0;
    std::optional<UtcTime> last_at;
    for (const RecentTraffic::Line& line : events) {
        if (!line.kind.starts_with(name)) continue;
        last_hour += line.last_hour;
        if (!last_at || *last_at < line.last_at) last_at = line.last_at;
    }
    return {{"name", name},
            {"open", is_open},
            {"last_hour", last_hour},
            {"last_at", last_at ? json::value(format_rfc3339(*last_at)) : json::value(nullptr)}};
}

}  // namespace

void TrafficRoutes::add_to(RouteSet& routes) {
    routes.add(Method::get, "/api/status", 0, [this](const Request&) { return show(); });
}

Task<Response> TrafficRoutes::show() {
    std::vector<AlertCondition> holding;
    if (alerts_) {
        auto look = alerts_();
        holding = co_await std::move(look);
    }
    co_return json_response(200, render(holding));
}

std::string TrafficRoutes::render(const std::vector<AlertCondition>& holding) const {
    std::vector<RecentTraffic::Line> events;
    std::vector<RecentTraffic::Line> refused;
    if (ears_ != nullptr) {
        events = ears_->events();
        refused = ears_->refused();
    }
    json::object out;
    out["version"] = version_;
    out["started_at"] = format_rfc3339(started_at_);
    out["now"] = format_rfc3339(clock_.now());
    out["senders"] = json::array{sender_of("twilio", open_.twilio, events),
                                 sender_of("elevenlabs", open_.elevenlabs, events)};
    out["events"] = json_of(events, "kind");
    json::array causes = json_of(refused, "cause");
    for (std::size_t i = 0; i < causes.size(); ++i) {
        json::array paths;
        if (refused_at_) {
            for (const std::string& path : refused_at_(refused[i].kind)) paths.emplace_back(path);
        }
        causes[i].as_object()["paths"] = std::move(paths);
    }
    out["refused"] = std::move(causes);
    json::array alerts;
    for (const AlertCondition& one : holding) {
        alerts.push_back({{"alert", one.key}, {"text", one.text}, {"next", one.next}});
    }
    out["alerts"] = std::move(alerts);
    return json::serialize(out);
}

}  // namespace wrapup
