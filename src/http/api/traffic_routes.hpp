#pragma once

// GET /api/status: which senders are believed, what of theirs came within the last hour, what was
// refused, and what a person should know of. What else there is to know of a moment is in
// /api/stats, /api/destinations, /api/ledger and /api/reconciliation.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/watch/alert_book.hpp"
#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "ports/task.hpp"
#include "service/alerts/traffic_ears.hpp"

namespace wrapup {

// Whose events are taken.
struct OpenSenders {
    bool twilio = false;
    bool elevenlabs = false;
};

class TrafficRoutes {
public:
    using Alerts = std::function<Task<std::vector<AlertCondition>>()>;  // As of now.

    // `ears` may be null: then nothing came; `alerts` may be empty.
    TrafficRoutes(const TrafficEars* ears, OpenSenders open, std::string version,
                  const Clock& clock, Alerts alerts = {})
        : ears_(ears),
          open_(open),
          version_(std::move(version)),
          clock_(clock),
          started_at_(clock.now()),
          alerts_(std::move(alerts)) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    Task<Response> show();
    std::string render(const std::vector<AlertCondition>& holding) const;

    const TrafficEars* ears_;
    const OpenSenders open_;
    const std::string version_;
    const Clock& clock_;
    const UtcTime started_at_;
    const Alerts alerts_;
};

}  // namespace wrapup
