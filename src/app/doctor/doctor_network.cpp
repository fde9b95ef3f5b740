// `wrapup doctor` asks the peers: the CRM is connected to and told nothing, Twilio and ElevenLabs
// are asked for something small that only good credentials get.

#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <future>

#include "adapters/curl/address_guard.hpp"
#include "adapters/curl/handle.hpp"
#include "app/config/setting_values.hpp"
#include "app/doctor/doctor.hpp"
#include "app/doctor/doctor_placing.hpp"
#include "app/doctor/doctor_probe.hpp"
#include "base/text.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;
using Kind = ConnectAnswer::Kind;

constexpr seconds skew_noted{30};
// ElevenLabs' signatures from further ahead than this are refused (docs: the tolerance setting).
constexpr seconds skew_max{300};

struct Examined {
    std::vector<Finding> findings;
    std::optional<seconds> clock_ahead;
};

Finding refused_as_private() {
    return {Level::broken, std::string(at_private_address),
            "set WRAPUP_ALLOW_PRIVATE_TARGETS=true if the CRM is meant to be there", true};
}

Finding judge_crm(const ConnectAnswer& answer, const std::string& url) {
    switch (answer.kind) {
        case Kind::connected:
            return {Level::good,
                    "the CRM can be reached" + taken(answer.elapsed) + "; nothing was sent to it",
                    ""};
        case Kind::unresolved:
            return {Level::broken, "the CRM's name has no address: " + mask_url(url),
                    "see that CRM_WEBHOOK_URL is spelled right and that this machine resolves "
                    "names",
                    true};
        case Kind::untrusted:
            return {Level::broken, "the CRM cannot be trusted: " + answer.error,
                    "mend its certificate (name, chain, date), or install its authority in this "
                    "system"};
        case Kind::blocked: return refused_as_private();
        case Kind::refused: break;
    }
    return {Level::broken, "the CRM cannot be reached: " + answer.error,
            "see that it runs and that no firewall is in the way (WRAPUP_HTTP_PROXY names a "
            "proxy)"};
}

// Where there are several.
void name_destination(Finding& finding, const Settings& settings, const DestinationConfig& to) {
    if (settings.destinations.size() > 1) finding.text = to.name + ": " + finding.text;
}

Examined examine_reach(const Settings& settings, const DestinationConfig& to) {
    ConnectRequest request;
    request.url = to.url;
    request.proxy = settings.http_proxy;
    request.allows_private = settings.allows_private_targets;
    const ConnectAnswer answer = probe_connect(request);
    Examined examined;
    examined.findings.push_back(judge_crm(answer, to.url));
    if (answer.kind == Kind::connected && answer.is_private && !settings.allows_private_targets) {
        examined.findings.push_back({Level::note,
                                     "one of the CRM's addresses is private, and is not used",
                                     "set WRAPUP_ALLOW_PRIVATE_TARGETS=true if it is meant to be"});
    }
    for (Finding& finding : examined.findings) name_destination(finding, settings, to);
    return examined;
}

Finding not_asked(const std::string& who, const ProbeAnswer& answer) {
    if (answer.status == 0) {
        return {Level::broken, who + " cannot be reached: " + answer.error,
                "see that this machine may connect to it (WRAPUP_HTTP_PROXY names a proxy)"};
    }
    return {Level::note,
            who + " answered " + std::to_string(answer.status) + ", so nothing is known",
            "try again in a minute"};
}

Finding judge_twilio(const ProbeAnswer& answer) {
    if (answer.status == 200) {
        const auto account = parse_answer_json(answer.body);
        const std::string state = account ? text_member(*account, {"status"}) : std::string();
        if (state.empty() || state == "active") {
            return {Level::good, "Twilio accepts the account and its token", ""};
        }
        return {Level::broken, "Twilio says that the account is " + state,
                "set it right in Twilio's console"};
    }
    if (answer.status == 401 || answer.status == 403) {
        return {Level::broken, "Twilio refuses TWILIO_ACCOUNT_SID with the first TWILIO_AUTH_TOKEN",
                "copy both anew from Twilio's console; the token in use comes first, and a region "
                "other than us1 has tokens of its own",
                true};
    }
    if (answer.status == 404) {
        return {Level::broken, "Twilio does not know the account of TWILIO_ACCOUNT_SID",
                "copy it anew from Twilio's console, and see that WRAPUP_TWILIO_BASE_URL is its "
                "region",
                true};
    }
    return not_asked("Twilio", answer);
}

Examined examine_twilio_account(const Settings& settings) {
    ProbeRequest request;
    request.url = settings.twilio_base_url + "/2010-04-01/Accounts/" +
                  percent_encode(settings.twilio_account_sid) + ".json";
    request.user = settings.twilio_account_sid;
    request.password = settings.twilio_auth_tokens.front();
    request.proxy = settings.http_proxy;
    const ProbeAnswer answer = probe_get(request);
    return {{judge_twilio(answer)}, answer.clock_ahead};
}

Finding judge_elevenlabs(const ProbeAnswer& answer) {
    if (answer.status == 200) return {Level::good, "ElevenLabs accepts ELEVENLABS_API_KEY", ""};
    if (answer.status != 401 && answer.status != 403) return not_asked("ElevenLabs", answer);
    const auto parsed = parse_answer_json(answer.body);
    const std::string status =
        parsed ? text_member(*parsed, {"detail.status", "detail.code"}) : std::string();
    if (status == "missing_permissions") {
        return {Level::broken, "ELEVENLABS_API_KEY lacks the permission convai_read",
                "allow it to read ElevenLabs Agents (convai_read) in ElevenLabs' settings, under "
                "API keys"};
    }
    return {Level::broken, "ElevenLabs refuses ELEVENLABS_API_KEY",
            "copy it anew; a workspace with data residency has keys and a "
            "WRAPUP_ELEVENLABS_BASE_URL of its own",
            true};
}

Examined examine_elevenlabs_key(const Settings& settings) {
    ProbeRequest request;
    request.url = settings.elevenlabs_base_url + "/v1/convai/conversations?page_size=1";
    request.headers = {{"xi-api-key", settings.elevenlabs_api_key}};
    request.proxy = settings.http_proxy;
    const ProbeAnswer answer = probe_get(request);
    return {{judge_elevenlabs(answer)}, answer.clock_ahead};
}

}  // namespace

std::vector<Finding> examine_destination(const Settings& settings, const DestinationConfig& to) {
    return examine_reach(settings, to).findings;
}

std::vector<Finding> examine_addresses(const Settings& settings) {
    std::vector<Finding> findings;
    if (settings.allows_private_targets) return findings;
    for (const DestinationConfig& to : settings.destinations) {
        if (!to.is_enabled() || to.url.empty()) continue;
        const std::string host = host_of_url(to.url);
        if (!is_private_literal(host).value_or(to_lower(host) == "localhost")) continue;
        findings.push_back(refused_as_private());
        name_destination(findings.back(), settings, to);
    }
    return findings;
}

Finding examine_twilio_credentials(const Settings& settings) {
    return examine_twilio_account(settings).findings.front();
}

Finding examine_elevenlabs_credentials(const Settings& settings) {
    return examine_elevenlabs_key(settings).findings.front();
}

std::vector<Finding> judge_clock(std::optional<seconds> ahead) {
    if (!ahead) return {};
    const seconds off = std::chrono::abs(*ahead);
    const std::string said = "this machine's clock is " + format_duration(off) +
                             (*ahead < seconds{0} ? " behind" : " ahead");
    const std::string advice = "set it by NTP (systemd-timesyncd, chrony)";
    if (off > skew_max) {
        return {{Level::broken, said + ": signatures of ElevenLabs would be refused", advice}};
    }
    if (off > skew_noted) return {{Level::note, said, advice}};
    return {{Level::good, "this machine's clock is right", ""}};
}

std::vector<Finding> examine_network(const InspectedSettings& inspected) {
    if (!inspected.problems.empty()) return {};
    const Settings& settings = inspected.settings;
    std::vector<std::future<Examined>> running;
    const auto start = [&](bool is_due, const std::function<Examined(const Settings&)>& examine) {
        if (!is_due) return;
        running.push_back(
            std::async(std::launch::async, [examine, &settings] { return examine(settings); }));
    };
    for (const DestinationConfig& to : settings.destinations) {
        start(to.is_enabled() && !to.url.empty(),
              [&to](const Settings& all) { return examine_reach(all, to); });
    }
    start(settings.has_twilio(), examine_twilio_account);
    start(!settings.elevenlabs_api_key.empty(), examine_elevenlabs_key);
    const bool places = can_place(settings);
    start(places, [](const Settings& all) { return Examined{examine_caller_id(all), {}}; });
    start(places, [](const Settings& all) { return Examined{examine_countries(all), {}}; });
    start(places, [](const Settings& all) { return Examined{examine_calling_agent(all), {}}; });

    std::vector<Finding> findings;
    std::optional<seconds> clock_ahead;
    for (auto& one : running) {
        Examined examined = one.get();
        std::move(examined.findings.begin(), examined.findings.end(), std::back_inserter(findings));
        // Of two peers the one that agrees better with us: a peer's clock may be wrong as well.
        if (!examined.clock_ahead) continue;
        if (!clock_ahead ||
            std::chrono::abs(*examined.clock_ahead) < std::chrono::abs(*clock_ahead)) {
            clock_ahead = examined.clock_ahead;
        }
    }
    for (auto& finding : judge_clock(clock_ahead)) findings.push_back(std::move(finding));
    return findings;
}

}  // namespace wrapup
