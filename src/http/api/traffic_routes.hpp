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

    // At which endpoints senders were refused for a cause within the last hour.
    using RefusedAt = std::function<std::vector<std::string>(std::string_view cause)>;

    // `ears` may be null: then nothing came; `alerts` and `refused_at` may be empty.
    TrafficRoutes(const TrafficEars* ears, OpenSenders open, std::string version,
                  const Clock& clock, Alerts alerts = {}, RefusedAt refused_at = {})
        : ears_(ears),
          open_(open),
          version_(std::move(version)),
          clock_(clock),
          started_at_(clock.now()),
          alerts_(std::move(alerts)),
          refused_at_(std::move(refused_at)) {}
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
    const RefusedAt refused_at_;
};

}  // namespace wrapup
