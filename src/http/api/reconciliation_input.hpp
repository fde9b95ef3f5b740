#pragma once

#include <string_view>

#include "http/api/api_input.hpp"
#include "service/reconciler/reconcile_actions.hpp"

namespace wrapup {

// POST /api/reconciliation: from, to, dry_run. Times are RFC 3339 or a day in that zone; the day
// that `to` names is part of it. `to` is now when it is left out.
Parsed<ReconcileOrder> parse_reconcile_order(std::string_view json, const TimeZone& zone,
                                             UtcTime now);

}  // namespace wrapup
