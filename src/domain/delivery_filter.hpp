#pragma once

// Which deliveries somebody wants to see.

#include <optional>
#include <string>
#include <vector>

#include "domain/call.hpp"
#include "domain/replay.hpp"

namespace wrapup {

struct DeliveryFilter {
    ReplayFilter what;
    std::optional<int> http_status;  // Of the last attempt, of what failed and is owed.
    std::string cursor;              // From the page before.
    int limit = 50;
};

// A delivery without webhook id and body, and what else a filter looks at.
struct ListedDelivery {
    Delivery delivery;
    int http_status = 0;  // Of the last attempt; 0: none, or no answer.
    std::optional<Outcome> outcome;
    std::string campaign;
    UtcTime first_event_at{};  // Of the call.

    bool operator==(const ListedDelivery&) const = default;
};

// Newest first: by delivery where few can match (is_of_few), else by the call's first event. A page
// may be short, or empty, and go on: only so many are looked at for one.
struct DeliveryPage {
    std::vector<ListedDelivery> deliveries;
    std::string next_cursor;  // Empty at the end.
};
inline constexpr int delivery_scan_max = 5'000;

bool matches(const DeliveryFilter& filter, const ListedDelivery& listed);
// Whether it asks for what waits, is parked or failed: there is an index of those alone.
bool is_of_few(const DeliveryFilter& filter);

}  // namespace wrapup
