#pragma once

// What the workers are told of the settings.

#include "app/config/settings.hpp"
#include "service/reconciler/reconciler.hpp"
#include "service/settler/append_settler.hpp"
#include "service/settler/settler.hpp"

namespace wrapup {

// `now`: when the process started. `idle_max`: HouseFleet's.
SettlerSettings settler_settings(const Settings& settings, UtcTime now, milliseconds idle_max);
AppendSettler::Settings append_settings(const Settings& settings, UtcTime now);
ReconcilerSettings reconciler_settings(const Settings& settings);

}  // namespace wrapup
