#include "app/serve/house_front.hpp"

#include <unistd.h>

#include <array>
#include <utility>

namespace wrapup {

WebhookOptions webhook_options(const Settings& settings, const Clock& wall) {
    WebhookOptions options;
    options.server_url = settings.server_url;
    options.twilio_auth_tokens = settings.twilio_auth_tokens;
    options.twilio_account_sid = settings.twilio_account_sid;
    options.allows_unsigned_twilio = settings.allows_unsigned_twilio;
    options.elevenlabs_secrets = settings.elevenlabs_webhook_secrets;
    options.allows_unsigned_elevenlabs = settings.allows_unsigned_elevenlabs;
    options.elevenlabs_tolerance = settings.elevenlabs_tolerance;
    options.scope.our_agents = settings.elevenlabs_agents;
    options.scope.accepts_inbound = settings.accepts_inbound;
    options.machine_time = [&wall] { return wall.now(); };
    return options;
}

NodeView this_node(std::function<NodeHolds()> holds, std::function<std::vector<NodeRow>()> all) {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) name[0] = 0;
    return {name.data(), ::getpid(), std::move(holds), std::move(all)};
}

void tell_broken(EventLog& log, const Examine& examine) {
    if (!examine) return;
    const InstallationFindings found = examine();
    for (const ShownFinding& one : found.findings) {
        if (one.level != "broken") continue;
        log.write({LogLevel::warning, LogTag::none, one.text, "", {{"advice", one.advice}}});
    }
}

InstallationView installation_view(const Settings& settings, Examine examine) {
    InstallationView view;
    for (const EffectiveSetting& one : settings.effective) {
        view.settings.push_back({one.name, one.shown, one.source, one.is_secret});
    }
    view.examine = std::move(examine);
    return view;
}

}  // namespace wrapup
