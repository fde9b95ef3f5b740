#include "domain/delivery_filter.hpp"

namespace wrapup {

bool matches(const DeliveryFilter& filter, const ListedDelivery& listed) {
    const ReplayFilter& what = filter.what;
    const Delivery& delivery = listed.delivery;
    if (what.state && what.state != delivery.state) return false;
    if (what.parked && what.parked != delivery.parked) return false;
    if (!what.destination.empty() && what.destination != delivery.destination) return false;
    if (what.outcome && what.outcome != listed.outcome) return false;
    if (!what.campaign.empty() && what.campaign != listed.campaign) return false;
    if (what.after && listed.first_event_at < *what.after) return false;
    if (what.before && listed.first_event_at >= *what.before) return false;
    if (!what.fingerprint.empty() && what.fingerprint != delivery.fingerprint) return false;
    if (!filter.http_status) return true;
    return !delivery.fingerprint.empty() && filter.http_status == listed.http_status;
}

bool is_of_few(const DeliveryFilter& filter) {
    const ReplayFilter& what = filter.what;
    return !what.fingerprint.empty() || filter.http_status || what.parked ||
           (what.state && what.state != DeliveryState::accepted);
}

}  // namespace wrapup
