#include "core/settle/record_routes.hpp"

#include "domain/record.hpp"

namespace wrapup {

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
