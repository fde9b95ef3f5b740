#include "app/cli/init_questions.hpp"

#include "app/doctor/doctor_probe.hpp"
#include "codec/bytes/percent.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

constexpr const char* twilio_retries = "#rc=5&rp=5xx,ct,rt&ct=2000&rt=2500";

std::vector<Finding> check_server_url(const Settings& settings) {
    if (settings.server_url.empty()) return {};
    auto found = examine_server_url(settings);
    if (found.empty()) found.push_back({Level::good, "Twilio can be given this address", ""});
    return found;
}

std::vector<Finding> check_twilio(const Settings& settings) {
    if (!settings.has_twilio()) return {};
    return {examine_twilio_credentials(settings)};
}

std::vector<Finding> check_elevenlabs(const Settings& settings) {
    if (settings.elevenlabs_api_key.empty()) return {};
    return {examine_elevenlabs_credentials(settings)};
}

std::vector<Finding> check_agents(const Settings& settings) {
    std::vector<Finding> found;
    if (settings.elevenlabs_api_key.empty()) return found;
    for (const std::string& agent : settings.elevenlabs_agents) {
        ProbeRequest request;
        request.url = settings.elevenlabs_base_url + "/v1/convai/agents/" + percent_encode(agent);
        request.headers = {{"xi-api-key", settings.elevenlabs_api_key}};
        request.proxy = settings.http_proxy;
        const int status = probe_get(request).status;
        if (status == 200) {
            found.push_back({Level::good, "ElevenLabs knows the agent " + agent, ""});
        } else if (status == 404 || status == 400 || status == 422) {
            found.push_back({Level::broken, "ElevenLabs knows no agent " + agent,
                             "copy its id from the list of agents"});
        } else {
            found.push_back(
                {Level::note, "ElevenLabs does not say whether it knows the agent", ""});
        }
    }
    return found;
}

std::vector<Finding> check_nothing(const Settings&) { return {}; }

std::vector<Finding> check_crm(const Settings& settings) {
    for (const DestinationConfig& to : settings.destinations) {
        if (to.name == crm_name && !to.url.empty()) return examine_destination(settings, to);
    }
    return {};
}

std::vector<Finding> check_mongodb(const Settings& settings) {
    if (!settings.mongodb) return {};
    return judge_mongodb(diagnose(*settings.mongodb, settings.mongodb_mapping));
}

}  // namespace

std::vector<InitStep> init_steps() {
    return {
        {{{"SERVER_URL",
           "The public address of this service, as Twilio and ElevenLabs will call "
           "it: https://calls.example.com"}},
         check_server_url},
        {{{"TWILIO_ACCOUNT_SID", "Twilio's Account SID (console, Account Info)"},
          {"TWILIO_AUTH_TOKEN", "Twilio's Auth Token (the same place)", true}},
         check_twilio},
        {{{"ELEVENLABS_API_KEY",
           "ElevenLabs' API key, with read access to agents (Developers, "
           "API Keys)",
           true}},
         check_elevenlabs},
        {{{"ELEVENLABS_AGENT_ID", "The agents that lead these calls, with commas; empty: any"}},
         check_agents},
        {{{"ELEVENLABS_WEBHOOK_SECRET",
           "The secret of ElevenLabs' post-call webhook; empty until "
           "it is made",
           true}},
         check_nothing},
        {{{"CRM_WEBHOOK_URL", "Where the CRM takes records (POST, JSON)"},
          {"CRM_WEBHOOK_HEADERS",
           "Headers that it wants, as JSON: {\"x-api-key\":\"...\"}; empty: "
           "none",
           true}},
         check_crm},
        {{{"MONGODB_URI",
           "The dialler's MongoDB, with its database: mongodb://host/dialler; "
           "empty: none",
           true}},
         check_mongodb},
    };
}

std::string next_steps(const Settings& settings, bool is_running) {
    const std::string base =
        settings.server_url.empty() ? "https://YOUR-HOST" : settings.server_url;
    std::string text;
    if (settings.has_twilio()) {
        text +=
            "Twilio, in each call that the dialler places (Calls.json):\n"
            "  StatusCallback          " +
            base + "/call-status-callback" + twilio_retries +
            "\n  StatusCallbackEvent     completed\n"
            "  AsyncAmdStatusCallback  " +
            base + "/amd-status-callback" + twilio_retries +
            "\n  (the last one with AsyncAmd=true). Of inbound calls: Console, Phone Numbers,\n"
            "  Active numbers, the number, Voice Configuration, Call status changes.\n";
    }
    text +=
        "ElevenLabs: Agents, Settings, Post-call webhook, Create webhook:\n"
        "  Callback URL            " +
        base +
        "/webhooks/elevenlabs\n"
        "  Authentication HMAC, transcript and call initiation failure on, retries on.\n";
    if (!settings.is_elevenlabs_open()) {
        text += "  Its secret is shown once: wrapup init again, as ELEVENLABS_WEBHOOK_SECRET.\n";
    }
    if (is_running) {
        return text +
               "Next: restart wrapup, which runs with the settings from before.\n"
               "  systemctl restart wrapup   or end `wrapup serve` and start it again\n"
               "  wrapup trigger --dry-run\n";
    }
    return text + "Next:\n  wrapup serve\n  wrapup trigger --dry-run   in another terminal\n";
}

}  // namespace wrapup
