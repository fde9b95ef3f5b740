#pragma once

// Is it alive, is it ready, what does it count.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "ports/task.hpp"

namespace wrapup {

// A dependency besides the store and its state in a word ("ok", "away"): told, but not decisive.
using Dependencies = std::function<std::vector<std::pair<std::string, std::string>>()>;

// Whether the store does its work now; may take long.
using StoreCheck = std::function<Task<bool>()>;

class StatusRoutes {
public:
    StatusRoutes(StoreCheck check_store, const Clock& clock, Dependencies dependencies)
        : check_store_(std::move(check_store)),
          clock_(clock),
          dependencies_(std::move(dependencies)) {}

    // This object outlives the routes.
    void add_health_to(RouteSet& routes);
    void add_metrics_to(RouteSet& routes, std::function<std::string()> text);
    void add_openapi_to(RouteSet& routes);

    enum class Phase { starting, serving, stopping };
    void set_phase(Phase phase) { phase_ = phase; }

private:
    Task<Response> tell_ready();
    struct Probe;
    Task<void> probe_store();
    Task<void> run_probe(std::shared_ptr<Probe> probe);

    StoreCheck check_store_;
    const Clock& clock_;
    Dependencies dependencies_;
    Phase phase_ = Phase::starting;
    std::optional<UtcTime> probed_at_;  // So that strangers asking often cost one check a second.
    bool is_store_ok_ = false;
    std::shared_ptr<Probe> probe_;  // The check in progress: all who ask meanwhile share it.
};

}  // namespace wrapup
