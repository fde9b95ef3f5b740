#pragma once

// What the house makes of the destinations in the settings.

#include <span>
#include <string>
#include <vector>

#include "adapters/destinations/webhook_destination.hpp"
#include "app/config/settings.hpp"
#include "core/settle/record_routes.hpp"
#include "ports/event_log.hpp"
#include "ports/fleet.hpp"
#include "ports/store.hpp"
#include "service/courier/courier.hpp"

namespace wrapup {

// Of those that something is sent to.
std::vector<CourierSettings> courier_settings(const Settings& settings, milliseconds idle_max);
std::vector<DestinationSettings> webhooks_of(const Settings& settings);
RecordRoutes routes_of(const Settings& settings);
std::vector<std::string> names_of(const std::vector<DestinationConfig>& destinations);

// Before anybody works on the store: records that wait for a destination which the settings do not
// name any more, or switch off, are parked, and those of one that is back in the settings are given
// back. conflict: one of them is what a living node of `nodes`, which share the store, sends to;
// then nothing is changed.
Result<void> follow_settings(const Settings& settings, Store& store, EventLog& log, UtcTime now,
                             std::span<const NodeRow> nodes);

}  // namespace wrapup
