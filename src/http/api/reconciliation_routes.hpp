#pragma once

// GET /api/reconciliation: the last comparisons with Twilio and ElevenLabs, the health of
// ElevenLabs' webhooks, and which requests were refused. POST orders a comparison of a time,
// GET /api/reconciliation/{id} tells how far it is.

#include <functional>
#include <string>

#include "base/time_zone.hpp"
#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "service/reconciler/reconcile_actions.hpp"

namespace wrapup {

class ReconciliationRoutes {
public:
    // `reconciler`: null without credentials of Twilio. `metrics_text`: the process's counters, in
    // Prometheus' form; may be empty.
    ReconciliationRoutes(const TimeZone& zone, ReconcileActions* reconciler, const Clock& clock,
                         std::function<std::string()> metrics_text)
        : zone_(zone),
          reconciler_(reconciler),
          clock_(clock),
          metrics_text_(std::move(metrics_text)) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    Task<Response> tell_status();
    Task<Response> order(const Request& request);
    Task<Response> find(const Request& request);

    const TimeZone& zone_;
    ReconcileActions* reconciler_;
    const Clock& clock_;
    const std::function<std::string()> metrics_text_;
};

}  // namespace wrapup
