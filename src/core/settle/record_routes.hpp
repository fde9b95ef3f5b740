#pragma once

// Which destinations a record goes to. Decided once, when the record is fixed.

#include <string>
#include <string_view>
#include <vector>

#include "domain/metadata.hpp"
#include "domain/operations.hpp"
#include "domain/record_filter.hpp"

namespace wrapup {

struct RecordRoute {
    std::string destination;
    bool is_enabled = true;  // False: deliveries are born parked as disabled.
    RecordFilter only;
};
using RecordRoutes = std::vector<RecordRoute>;

// One for each destination that wants the record, in the order of the routes; none when nobody
// does. Every destination is told the same webhook-id.
std::vector<NewDelivery> deliveries_of(std::string_view call_id, Outcome outcome,
                                       const CallMetadata& metadata, const RecordRoutes& routes);

}  // namespace wrapup
