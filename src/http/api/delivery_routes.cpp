#include "http/api/delivery_routes.hpp"

#include "http/api/api_answers.hpp"
#include "http/api/api_bodies.hpp"
#include "http/api/replay_input.hpp"

namespace wrapup {
namespace {

constexpr int groups_max = 100;

}  // namespace

void DeliveryRoutes::add_to(RouteSet& routes) {
    routes.add(Method::get, "/api/deliveries", 0, [this](const Request& r) { return list(r); });
    routes.add(Method::get, "/api/failures", 0, [this](const Request&) { return list_failures(); });
}

Task<Response> DeliveryRoutes::list(const Request& request) {
    const auto parsed = parse_delivery_filter(request.query(), zone_);
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    const DeliveryFilter& filter = std::get<DeliveryFilter>(parsed);
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(DeliveryPage page, store_.list_deliveries(filter));
        WRAPUP_TRY(const std::vector<DestinationRow> rows, store_.destinations());
        return render_delivery_page(std::move(page), rows);
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
        return render_failures(list);
    };
    auto body = co_await pool_.run(work);
    if (!body) co_return unavailable(body.error().detail);
    co_return json_response(200, *std::move(body));
}

}  // namespace wrapup
