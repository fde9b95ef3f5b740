#include "http/api/settings_routes.hpp"

#include <boost/json.hpp>

namespace wrapup {
namespace json = boost::json;
namespace {

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::array json_of(const std::vector<ShownSetting>& settings) {
    json::array out;
    for (const ShownSetting& one : settings) {
        out.push_back({{"name", one.name},
                       {"value", text_or_null(one.value)},
                       {"source", one.source},
                       {"secret", one.is_secret}});
    }
    return out;
}

json::array json_of(const std::vector<ShownFinding>& findings) {
    json::array out;
    for (const ShownFinding& one : findings) {
        out.push_back({{"level", json::string_view(one.level.data(), one.level.size())},
                       {"text", one.text},
                       {"advice", text_or_null(one.advice)}});
    }
    return out;
}

}  // namespace

void SettingsRoutes::add_to(RouteSet& routes) {
    routes.add(Method::get, "/api/settings", 0, [this](const Request&) { return show(); });
}

Task<Response> SettingsRoutes::show() {
    const std::string matching = matching_url_ ? matching_url_() : std::string();
    auto work = [this, &matching] {
        json::object out;
        out["settings"] = json_of(view_.settings);
        const InstallationFindings examined =
            view_.examine ? view_.examine() : InstallationFindings{};
        out["findings"] = json_of(examined.findings);
        out["changed"] = json::array(examined.changed.begin(), examined.changed.end());
        out["server_url_that_would_match"] = text_or_null(matching);
        return json::serialize(out);
    };
    std::string body = co_await pool_.run(work);
    co_return json_response(200, std::move(body));
}

}  // namespace wrapup
