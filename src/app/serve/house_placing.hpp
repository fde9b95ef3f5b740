#pragma once

// What the settings say about placing calls.

#include <string>

#include "app/config/settings.hpp"
#include "app/serve/calling_zones.hpp"
#include "core/placing/calling_hours.hpp"
#include "ports/store.hpp"
#include "service/placer/placer.hpp"

namespace wrapup {

// The settings without which no call can be placed, in words; empty: there are all.
std::string missing_for_placing(const Settings& settings);

// The secret of the tokens is kept in the store, and made when there is none yet. Empty when the
// store does not answer.
PlacerSettings placer_settings(const Settings& settings, Store& store, UtcTime now);

std::string random_intent_id();

// By the person's own time zone, or else inside in every zone of the number's country.
Result<HoursNow> hours_now(const CallingHours& hours, CallingZones& zones, const Intent& intent,
                           UtcTime now);

// The same, of hours and zones that outlive it.
HoursOf hours_in(const CallingHours& hours, CallingZones& zones);

}  // namespace wrapup
