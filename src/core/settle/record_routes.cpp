#include "core/settle/record_routes.hpp"

#include <algorithm>

#include "domain/call.hpp"

namespace wrapup {
namespace {

bool holds(const std::vector<std::string>& campaigns, const std::string& campaign) {
    return !campaign.empty() && std::ranges::find(campaigns, campaign) != campaigns.end();
}

}  // namespace

bool wants(const RecordFilter& filter, Outcome outcome, const CallMetadata& metadata) {
    const auto& outcomes = filter.outcomes;
    if (!outcomes.empty() && std::ranges::find(outcomes, outcome) == outcomes.end()) return false;
    return filter.campaigns.empty() || holds(filter.campaigns, metadata.campaign_name) ||
           holds(filter.campaigns, metadata.campaign_id);
}

std::vector<NewDelivery> deliveries_of(std::string_view call_id, Outcome outcome,
                                       const CallMetadata& metadata, const RecordRoutes& routes) {
    std::vector<NewDelivery> deliveries;
    for (const RecordRoute& route : routes) {
        if (!wants(route.only, outcome, metadata)) continue;
        NewDelivery made;
        made.destination = route.destination;
        made.webhook_id = webhook_id_of(call_id);
        if (!route.is_enabled) made.parked = ParkReason::disabled;
        deliveries.push_back(std::move(made));
    }
    return deliveries;
}

}  // namespace wrapup
