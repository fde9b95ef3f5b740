#include "app/serve/house_workers.hpp"

#include "app/serve/house_destinations.hpp"
#include "service/tasks/run_on.hpp"

namespace wrapup {

SettlerSettings settler_settings(const Settings& settings, UtcTime now, milliseconds idle_max) {
    SettlerSettings result;
    result.idle_max = idle_max;
    result.policy.summary_wait = settings.summary_wait;
    result.policy.twilio_grace = settings.twilio_grace;
    result.policy.metadata_wait = settings.metadata_wait;
    result.policy.can_ask_elevenlabs = !settings.elevenlabs_api_key.empty();
    result.policy.awaits_webhook = settings.is_elevenlabs_open();
    result.policy.can_ask_twilio = settings.has_twilio();
    result.policy.checks_open_calls =
        settings.has_twilio() && settings.reconcile_interval > milliseconds{0};
    result.policy.accepts_inbound = settings.accepts_inbound;
    result.policy.process_started_at = now;
    if (settings.elevenlabs_agents.size() == 1) {
        result.agent_id = settings.elevenlabs_agents.front();
    }
    result.routes = routes_of(settings);
    return result;
}

AppendSettler::Settings append_settings(const Settings& settings, UtcTime now) {
    SettlerSettings same = settler_settings(settings, now, {});
    return {same.policy, std::move(same.routes), !settings.mongodb};
}

ReconcilerSettings reconciler_settings(const Settings& settings, std::string node) {
    ReconcilerSettings result;
    result.node = std::move(node);
    result.interval = settings.reconcile_interval;
    result.since = settings.since;
    result.our_numbers = settings.twilio_phone_numbers;
    result.our_agents = settings.elevenlabs_agents;
    result.zone = settings.timezone;
    result.accepts_inbound = settings.accepts_inbound;
    return result;
}

std::vector<CrmAnswered> crm_answers(const Couriers& couriers) {
    std::vector<CrmAnswered> all;
    for (const auto& one : couriers.all()) {
        all.push_back({one->settings().destination, one->refusal()});
    }
    return all;
}

TrafficRoutes::Alerts asked_alerts(AlertWatch& watch, boost::asio::any_io_executor workers) {
    return [&watch, workers = std::move(workers)] {
        auto look = watch.look_now();
        return run_on(workers, std::move(look));
    };
}

}  // namespace wrapup
