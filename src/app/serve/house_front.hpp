#pragma once

// What the front is told of the settings.

#include <functional>
#include <vector>

#include "app/config/settings.hpp"
#include "http/api/node_routes.hpp"
#include "http/api/settings_routes.hpp"
#include "http/server/server.hpp"
#include "http/webhooks/webhook_routes.hpp"

namespace wrapup {

// What is found when this installation is looked at. May block.
using Examine = std::function<InstallationFindings()>;

inline ListenPoint listen_point(const ListenAddress& address) {
    return {address.host, address.port};
}
// `wall`: this machine's clock, which outlives what it is given to.
WebhookOptions webhook_options(const Settings& settings, const Clock& wall);
NodeView this_node(std::function<NodeHolds()> holds, std::function<std::vector<NodeRow>()> all);
// What will not work as it is.
void tell_broken(EventLog& log, const Examine& examine);
InstallationView installation_view(const Settings& settings, Examine examine);

}  // namespace wrapup
