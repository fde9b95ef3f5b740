#include "http/api/node_routes.hpp"

#include <boost/json.hpp>

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr seconds silent_after{15};

std::string_view state_of(const NodeRow& row, UtcTime now) {
    if (row.has_stopped) return "stopped";
    return now - row.seen_at > silent_after ? "silent" : "alive";
}

}  // namespace

void NodeRoutes::add_to(RouteSet& routes) {
    routes.add_instant(Method::get, "/api/nodes",
                       [this](const Request&) { return json_response(200, render()); });
}

std::vector<NodeRow> NodeRoutes::nodes() const {
    std::vector<NodeRow> all = view_.all ? view_.all() : std::vector<NodeRow>{};
    if (!all.empty()) return all;
    NodeRow node;
    node.id = view_.host + ":" + std::to_string(view_.pid);
    node.host = view_.host;
    node.pid = view_.pid;
    node.version = version_;
    node.started_at = since_;
    node.seen_at = clock_.now();
    if (view_.holds) node.holds = view_.holds();
    node.is_this = true;
    return {node};
}

std::string NodeRoutes::render() const {
    json::array rendered;
    const std::vector<NodeRow> all = nodes();
    for (const NodeRow& row : all) {
        json::object node;
        node["id"] = row.id;
        node["host"] = row.host;
        node["pid"] = row.pid;
        node["version"] = row.version;
        node["since"] = format_rfc3339(row.started_at);
        node["last_seen_at"] = format_rfc3339(row.seen_at);
        node["state"] = std::string(state_of(row, clock_.now()));
        node["is_this"] = row.is_this;
        node["holds"] =
            json::object{{"calls", row.holds.calls}, {"deliveries", row.holds.deliveries}};
        json::array duties;
        for (const std::string& name : row.duties) duties.emplace_back(name);
        node["duties"] = std::move(duties);
        json::array others;  // This one comes first.
        for (const auto& name : differing_settings(all.front().settings, row.settings)) {
            others.emplace_back(name);
        }
        node["other_settings"] = std::move(others);
        rendered.push_back(std::move(node));
    }
    json::object out;
    out["nodes"] = std::move(rendered);
    return json::serialize(out);
}

}  // namespace wrapup
