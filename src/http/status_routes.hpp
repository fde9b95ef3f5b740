#pragma once

// Is it alive, is it ready, what does it count.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/routes.hpp"
#include "ports/clock.hpp"
#include "ports/store.hpp"
#include "service/blocking_pool.hpp"

namespace wrapup {

// A dependency besides the store and its state in a word ("ok", "away"): told, but not decisive.
using Dependencies = std::function<std::vector<std::pair<std::string, std::string>>()>;

class StatusRoutes {
public:
    StatusRoutes(Store& store, BlockingPool& pool, const Clock& clock, Dependencies dependencies)
        : store_(store), pool_(pool), clock_(clock), dependencies_(std::move(dependencies)) {}

    // This object outlives the routes.
    void add_health_to(RouteSet& routes);
    void add_metrics_to(RouteSet& routes, std::function<std::string()> text);
    void add_front_page_to(RouteSet& routes, std::string version);

    enum class Phase { starting, serving, stopping };
    void set_phase(Phase phase) { phase_ = phase; }

private:
    Task<Response> tell_ready();
    Task<void> probe_store();

    Store& store_;
    BlockingPool& pool_;
    const Clock& clock_;
    Dependencies dependencies_;
    Phase phase_ = Phase::starting;
    std::optional<UtcTime> probed_at_;  // So that strangers asking often cost one read a second.
    bool is_store_ok_ = false;
};

}  // namespace wrapup
