#pragma once

// What the workers are told of the settings.

#include "app/config/settings.hpp"
#include "http/api/traffic_routes.hpp"
#include "service/alerts/alert_watch.hpp"
#include "service/courier/couriers.hpp"
#include "service/reconciler/reconciler.hpp"
#include "service/settler/append_settler.hpp"
#include "service/settler/settler.hpp"

namespace wrapup {

// `now`: when the process started. `idle_max`: HouseFleet's.
SettlerSettings settler_settings(const Settings& settings, UtcTime now, milliseconds idle_max);
AppendSettler::Settings append_settings(const Settings& settings, UtcTime now);
// `node`: HouseFleet's id.
ReconcilerSettings reconciler_settings(const Settings& settings, std::string node);
// What the destinations answered last, for the alerts. On the workers' thread.
std::vector<CrmAnswered> crm_answers(const Couriers& couriers);
// What holds when the HTTP thread asks. `watch` lives on the workers' thread.
TrafficRoutes::Alerts asked_alerts(AlertWatch& watch, boost::asio::any_io_executor workers);

}  // namespace wrapup
