#include "app/doctor/doctor_placing.hpp"

#include <boost/json.hpp>

#include "adapters/phone/phone_reader.hpp"
#include "app/doctor/doctor_probe.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

constexpr std::string_view telephone_format = "ulaw_8000";

ProbeAnswer ask_twilio(const Settings& settings, const std::string& list) {
    ProbeRequest request;
    request.url = settings.twilio_base_url + "/2010-04-01/Accounts/" +
                  percent_encode(settings.twilio_account_sid) + "/" + list +
                  ".json?PhoneNumber=" + percent_encode(settings.twilio_phone_numbers.front());
    request.user = settings.twilio_account_sid;
    request.password = settings.twilio_auth_tokens.front();
    request.proxy = settings.http_proxy;
    return probe_get(request);
}

// Nothing: the answer does not say.
std::optional<bool> has_any(const ProbeAnswer& answer, std::string_view key) {
    if (answer.status != 200) return std::nullopt;
    const auto parsed = parse_answer_json(answer.body);
    if (!parsed) return std::nullopt;
    return !list_member(*parsed, {key}).empty();
}

Finding judge_audio(const boost::json::value& agent) {
    const std::string in = text_member(agent, {"conversation_config.asr.user_input_audio_format"});
    const std::string out =
        text_member(agent, {"conversation_config.tts.agent_output_audio_format"});
    const auto is_wrong = [](const std::string& format) {
        return !format.empty() && format != telephone_format;
    };
    if (is_wrong(in) || is_wrong(out)) {
        return {Level::broken,
                "the agent hears " + in + " and speaks " + out +
                    ": on the telephone nobody would understand it",
                "set both audio formats of the agent to µ-law 8000 Hz in ElevenLabs"};
    }
    if (in.empty() || out.empty()) {
        return {Level::note, "ElevenLabs does not say which audio formats the agent has",
                "see in ElevenLabs that both are µ-law 8000 Hz"};
    }
    return {Level::good, "the agent is there and speaks µ-law 8000 Hz", ""};
}

// The whole key, as whoever asks with it for conversations finds; not one permission.
bool is_key_refused(const ProbeAnswer& answer) {
    if (answer.status != 401 && answer.status != 403) return false;
    const auto parsed = parse_answer_json(answer.body);
    return !parsed ||
           text_member(*parsed, {"detail.status", "detail.code"}) != "missing_permissions";
}

std::vector<Finding> judge_agent(const ProbeAnswer& answer) {
    if (answer.status == 200) {
        const auto agent = parse_answer_json(answer.body);
        if (agent) return {judge_audio(*agent)};
    }
    if (answer.status == 404) {
        return {{Level::broken, "ElevenLabs knows no agent of the first ELEVENLABS_AGENT_ID",
                 "copy it anew from ElevenLabs' agents", true}};
    }
    // Told of the key already.
    if (is_key_refused(answer) || answer.status == 0) return {};
    return {{Level::note,
             "the agent could not be looked at (ElevenLabs answered " +
                 std::to_string(answer.status) + ")",
             "see in ElevenLabs that its audio formats are µ-law 8000 Hz"}};
}

// An order without its fields: whoever may place is told what is missing, and nothing is made.
std::vector<Finding> judge_permission(const ProbeAnswer& answer) {
    if (answer.status == 422 || answer.status == 400) {
        return {{Level::good, "ELEVENLABS_API_KEY may prepare conversations", ""}};
    }
    const bool is_refused = answer.status == 401 || answer.status == 403;
    if (!is_refused || is_key_refused(answer)) return {};
    return {{Level::broken, "ELEVENLABS_API_KEY may not prepare conversations for calls",
             "allow it to write ElevenLabs Agents (convai_write) in ElevenLabs' settings, under "
             "API keys"}};
}

// Another host than that of calls: api.twilio.com, voice.twilio.com.
std::string voice_base_url(const std::string& base_url) {
    constexpr std::string_view calls_host = "://api.";
    std::string url = base_url;
    const std::size_t at = url.find(calls_host);
    return at == std::string::npos ? url : url.replace(at, calls_host.size(), "://voice.");
}

// Nothing: Twilio does not say.
std::optional<bool> may_call_into(const Settings& settings, const std::string& country) {
    ProbeRequest request;
    request.url = voice_base_url(settings.twilio_base_url) + "/v1/DialingPermissions/Countries/" +
                  percent_encode(country);
    request.user = settings.twilio_account_sid;
    request.password = settings.twilio_auth_tokens.front();
    request.proxy = settings.http_proxy;
    const ProbeAnswer answer = probe_get(request);
    if (answer.status != 200) return std::nullopt;
    const auto parsed = parse_answer_json(answer.body);
    if (!parsed) return std::nullopt;
    const boost::json::value& allowed = member(*parsed, {"low_risk_numbers_enabled"});
    return allowed.is_bool() ? std::optional<bool>(allowed.get_bool()) : std::nullopt;
}

}  // namespace

bool can_place(const Settings& settings) {
    return settings.has_twilio() && !settings.twilio_phone_numbers.empty() &&
           !settings.elevenlabs_agents.empty() && !settings.elevenlabs_api_key.empty() &&
           !settings.server_url.empty();
}

std::vector<Finding> examine_caller_id(const Settings& settings) {
    const std::string number = mask_phone_number(settings.twilio_phone_numbers.front());
    const std::string countries =
        "into which countries is set in Twilio's console: Voice, Settings, Geo permissions";
    const ProbeAnswer answer = ask_twilio(settings, "IncomingPhoneNumbers");
    // Of the credentials, which are tried by themselves, and so is whether Twilio is there.
    if (answer.status == 401 || answer.status == 0) return {};
    const auto bought = has_any(answer, "incoming_phone_numbers");
    if (bought && *bought) {
        return {{Level::good, "calls are placed from " + number + ", a number of the account",
                 countries}};
    }
    const auto verified = has_any(ask_twilio(settings, "OutgoingCallerIds"), "outgoing_caller_ids");
    if (verified && *verified) {
        return {
            {Level::good, "calls are placed from " + number + ", a verified caller id", countries}};
    }
    if (!bought || !verified) {
        return {{Level::note, "Twilio does not tell whether " + number + " may be called from",
                 "see in Twilio's console, under Phone Numbers"}};
    }
    return {{Level::broken,
             number + " is neither a number of the account nor a verified caller id: Twilio would "
                      "refuse calls from it (21210)",
             "buy or verify it in Twilio's console, or put another first in TWILIO_PHONE_NUMBER",
             true}};
}

std::vector<Finding> examine_countries(const Settings& settings) {
    std::vector<std::string> countries;
    if (!settings.country.empty()) countries.push_back(settings.country);
    const PhoneReader phones{settings.country};
    const auto own = phones.countries_of(settings.twilio_phone_numbers.front());
    if (own && own->size() == 1 && own->front() != settings.country) countries.push_back((*own)[0]);
    std::vector<Finding> findings;
    for (const std::string& country : countries) {
        const auto is_allowed = may_call_into(settings, country);
        if (!is_allowed) continue;
        if (*is_allowed) {
            findings.push_back({Level::good, "Twilio lets calls into " + country, ""});
            continue;
        }
        // People may be called elsewhere than where the caller's number is from.
        const bool is_meant = country == settings.country;
        findings.push_back({is_meant ? Level::broken : Level::note,
                            "Twilio refuses calls into " + country + " (21215)",
                            "allow the country in Twilio's console, under Voice, Settings, Geo "
                            "permissions"});
    }
    return findings;
}

std::vector<Finding> examine_calling_agent(const Settings& settings) {
    ProbeRequest request;
    request.url = settings.elevenlabs_base_url + "/v1/convai/agents/" +
                  percent_encode(settings.elevenlabs_agents.front());
    request.headers = {{"xi-api-key", settings.elevenlabs_api_key}};
    request.proxy = settings.http_proxy;
    std::vector<Finding> findings = judge_agent(probe_get(request));
    request.url = settings.elevenlabs_base_url + "/v1/convai/twilio/register-call";
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = "{}";
    for (Finding& finding : judge_permission(probe_get(request))) {
        findings.push_back(std::move(finding));
    }
    return findings;
}

}  // namespace wrapup
