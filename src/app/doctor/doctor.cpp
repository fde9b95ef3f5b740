#include "app/doctor/doctor.hpp"

#include <algorithm>

#include "adapters/phone/phone_reader.hpp"
#include "app/config/setting_values.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

void examine_twilio(const Settings& settings, std::vector<Finding>& findings) {
    if (settings.has_twilio()) {
        findings.push_back(
            {Level::good, "Twilio's callbacks are open at " + mask_public_url(settings.server_url),
             ""});
        findings.push_back(twilio_callback_hint(settings));
        for (auto& finding : examine_server_url(settings)) findings.push_back(std::move(finding));
    } else if (!settings.allows_unsigned_twilio) {
        findings.push_back(
            {Level::note, "/call-status-callback and /amd-status-callback are closed",
             "set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and SERVER_URL to open them"});
    }
    if (settings.allows_unsigned_twilio) {
        findings.push_back({Level::note, "UNSIGNED requests are believed to come from Twilio",
                            "take twilio out of WRAPUP_ALLOW_UNSIGNED outside of tests"});
    }
}

void examine_elevenlabs(const Settings& settings, std::vector<Finding>& findings) {
    const bool has_key = !settings.elevenlabs_api_key.empty();
    if (!settings.elevenlabs_webhook_secrets.empty()) {
        findings.push_back({Level::good, "/webhooks/elevenlabs is open", ""});
    } else if (!settings.allows_unsigned_elevenlabs) {
        findings.push_back({Level::note, "/webhooks/elevenlabs is closed",
                            has_key ? "set ELEVENLABS_WEBHOOK_SECRET to get summaries at once"
                                    : "set ELEVENLABS_WEBHOOK_SECRET to open it"});
    }
    if (settings.allows_unsigned_elevenlabs) {
        findings.push_back({Level::note, "UNSIGNED requests are believed to come from ElevenLabs",
                            "take elevenlabs out of WRAPUP_ALLOW_UNSIGNED outside of tests"});
    }
    if (!has_key && !settings.is_elevenlabs_open()) {
        findings.push_back({Level::note, "no summaries: every record carries our own sentence",
                            "set ELEVENLABS_API_KEY, ELEVENLABS_WEBHOOK_SECRET, or both"});
    }
}

// The setting that says it.
std::string setting_of(const DestinationConfig& destination, std::string_view setting,
                       std::string_view of_crm) {
    if (destination.name == crm_name) return std::string(of_crm);
    return "destination." + destination.name + "." + std::string(setting);
}

void examine_destination(const DestinationConfig& to, bool is_only,
                         std::vector<Finding>& findings) {
    if (to.url.empty() && is_only) {
        findings.push_back({Level::note, "no CRM: records are made and parked as disabled",
                            "set CRM_WEBHOOK_URL, then `wrapup replay --parked disabled`"});
        return;
    }
    const std::string whose = is_only ? "" : " to " + to.name;
    if (!to.is_enabled()) {
        findings.push_back({Level::note,
                            "delivery" + whose + " is switched off: records are parked as disabled",
                            "set " + setting_of(to, "enabled", "ENABLE_CRM_WEBHOOK") +
                                "=true, then `wrapup replay --parked disabled`"});
        return;
    }
    const std::string who = is_only ? "records" : "records of " + to.name;
    findings.push_back({Level::good, who + " go to " + mask_url(to.url), ""});
    if (!starts_with_ignoring_case(to.url, "https://")) {
        findings.push_back(
            {Level::note,
             setting_of(to, "url", "CRM_WEBHOOK_URL") + " is not https: records travel in the open",
             "use https unless the way to the CRM is private"});
    }
}

}  // namespace

std::vector<Finding> examine_phones(const Settings& settings) {
    const auto checked = PhoneReader(settings.country).check_country();
    if (checked) return {};
    if (checked.error().code == Errc::invalid_input) {
        return {{Level::broken, "WRAPUP_COUNTRY " + checked.error().detail,
                 "set it to the country whose national numbers are imported", true}};
    }
    return {{Level::note, "phone numbers of imports and the API " + checked.error().detail,
             "install it, unless nothing is imported"}};
}

bool Diagnosis::is_well() const {
    return std::none_of(findings.begin(), findings.end(),
                        [](const Finding& finding) { return finding.level == Level::broken; });
}

void Diagnosis::advise_restart() {
    if (!is_running) return;
    for (Finding& finding : findings) {
        if (finding.is_of_setting) finding.advice += "; then restart wrapup";
    }
}

std::vector<Finding> examine_settings(const InspectedSettings& inspected) {
    std::vector<Finding> findings;
    for (const auto& problem : inspected.problems) {
        findings.push_back({Level::broken, problem.text,
                            "the service does not start before this is "
                            "mended",
                            true});
    }
    const bool is_startable = findings.empty();
    for (const auto& warning : inspected.warnings) {
        findings.push_back({Level::note, warning,
                            "put values of several lines in quotes; lines of other programs are "
                            "none of wrapup's business"});
    }
    if (!is_startable) return findings;
    examine_twilio(inspected.settings, findings);
    examine_elevenlabs(inspected.settings, findings);
    const auto& destinations = inspected.settings.destinations;
    for (const DestinationConfig& to : destinations) {
        examine_destination(to, destinations.size() == 1, findings);
    }
    return findings;
}

Diagnosis diagnose(const InspectedSettings& inspected) {
    Diagnosis diagnosis;
    diagnosis.settings = inspected.settings.effective;
    diagnosis.findings = examine_settings(inspected);
    for (const auto& examine :
         {examine_phones, examine_data_folder, examine_env_file, examine_store}) {
        auto found = examine(inspected.settings);
        std::move(found.begin(), found.end(), std::back_inserter(diagnosis.findings));
    }
    return diagnosis;
}

}  // namespace wrapup
