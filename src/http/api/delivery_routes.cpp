#include "http/api/delivery_routes.hpp"

#include <boost/json.hpp>

#include "http/api/api_answers.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr int groups_max = 100;

json::object json_of(const FailureGroup& group) {
    json::object out;
    out["fingerprint"] = json_text(group.fingerprint);
    out["destination"] = json_text(group.destination);
    out["outcome"] = json_text(to_string(group.outcome));
    out["http_status"] = group.http_status == 0 ? json::value(nullptr) : group.http_status;
    out["answer"] = text_or_null(group.cause);
    out["count"] = group.open;
    out["first_at"] = format_rfc3339(group.first_at);
    out["last_at"] = format_rfc3339(group.last_at);
    out["sample"] = text_or_null(group.sample);
    return out;
}

}  // namespace

void DeliveryRoutes::add_to(RouteSet& routes) {
    routes.add(Method::get, "/api/failures", 0, [this](const Request&) { return list_failures(); });
}

Task<Response> DeliveryRoutes::list_failures() {
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(const FailureList list, store_.list_failures(groups_max));
        json::array failures;
        for (const FailureGroup& group : list.groups) failures.push_back(json_of(group));
        json::object out;
        out["failures"] = std::move(failures);
        out["more"] = list.has_more;
        return json::serialize(out);
    };
    auto body = co_await pool_.run(work);
    if (!body) co_return unavailable(body.error().detail);
    co_return json_response(200, *std::move(body));
}

}  // namespace wrapup
