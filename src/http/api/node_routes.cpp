#include "http/api/node_routes.hpp"

#include <boost/json.hpp>

namespace wrapup {
namespace json = boost::json;

void NodeRoutes::add_to(RouteSet& routes) {
    routes.add_instant(Method::get, "/api/nodes",
                       [this](const Request&) { return json_response(200, render()); });
}

std::string NodeRoutes::render() const {
    const NodeView::Holds holds = view_.holds ? view_.holds() : NodeView::Holds{};
    json::object node;
    node["id"] = view_.host + ":" + std::to_string(view_.pid);
    node["host"] = view_.host;
    node["pid"] = view_.pid;
    node["version"] = version_;
    node["since"] = format_rfc3339(since_);
    node["last_seen_at"] = format_rfc3339(clock_.now());
    node["holds"] = json::object{{"calls", holds.calls}, {"deliveries", holds.deliveries}};
    json::object out;
    out["nodes"] = json::array{std::move(node)};
    return json::serialize(out);
}

}  // namespace wrapup
