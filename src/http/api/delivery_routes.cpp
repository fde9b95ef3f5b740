#include "http/api/delivery_routes.hpp"

#include <boost/json.hpp>

#include "http/api/api_answers.hpp"
#include "http/api/replay_input.hpp"

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

json::object json_of(const ListedDelivery& listed) {
    const Delivery& delivery = listed.delivery;
    json::object out;
    out["id"] = delivery.id;
    out["call"] = json_text(delivery.call_id);
    out["destination"] = json_text(delivery.destination);
    out["state"] = json_text(to_string(delivery.state));
    out["parked"] = word_or_null(delivery.parked);
    out["status"] = word_or_null(listed.outcome);
    out["campaign"] = text_or_null(listed.campaign);
    out["first_event_at"] = format_rfc3339(listed.first_event_at);
    out["due_at"] = time_or_null(delivery.due_at);
    out["accepted_at"] = time_or_null(delivery.accepted_at);
    out["attempts_count"] = delivery.attempts_count;
    out["unknown_count"] = delivery.unknown_count;
    out["http_status"] = listed.http_status == 0 ? json::value(nullptr) : listed.http_status;
    out["fingerprint"] = text_or_null(delivery.fingerprint);
    return out;
}

}  // namespace

void DeliveryRoutes::add_to(RouteSet& routes) {
    routes.add(Method::get, "/api/deliveries", 0, [this](const Request& r) { return list(r); });
    routes.add(Method::get, "/api/failures", 0, [this](const Request&) { return list_failures(); });
}

Task<Response> DeliveryRoutes::list(const Request& request) {
    const auto parsed = parse_delivery_filter(request.query());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    const DeliveryFilter& filter = std::get<DeliveryFilter>(parsed);
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(const DeliveryPage page, store_.list_deliveries(filter));
        json::array deliveries;
        for (const ListedDelivery& one : page.deliveries) deliveries.push_back(json_of(one));
        json::object out;
        out["deliveries"] = std::move(deliveries);
        out["next_cursor"] = text_or_null(page.next_cursor);
        return json::serialize(out);
    };
    auto body = co_await pool_.run(work);
    if (body) co_return json_response(200, *std::move(body));
    if (body.error().code == Errc::invalid_input) {
        const BadInput bad{"cursor", "take it from next_cursor of the page before"};
        co_return bad_input(bad);
    }
    co_return unavailable(body.error().detail);
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
