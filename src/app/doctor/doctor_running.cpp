// `wrapup doctor` asks the running server what is wrong just now.

#include <boost/json.hpp>

#include "app/config/api_token.hpp"
#include "app/config/setting_values.hpp"
#include "app/doctor/doctor.hpp"
#include "app/doctor/doctor_probe.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

// The objects of the array of that name.
std::vector<const json::object*> list_of(const json::object& body, std::string_view name) {
    std::vector<const json::object*> list;
    const json::value* const member = json_member(&body, name);
    const json::array* const array = member == nullptr ? nullptr : member->if_array();
    if (array == nullptr) return list;
    for (const json::value& value : *array) {
        if (const json::object* const one = value.if_object()) list.push_back(one);
    }
    return list;
}

std::optional<Finding> judge_destination(const json::object& one) {
    const std::string name = json_string(&one, "name");
    const std::string breaker = json_string(&one, "breaker");
    const std::string state = json_string(&one, "state");
    if (name.empty()) return std::nullopt;
    if (!breaker.empty() && breaker != "closed") {
        const std::int64_t waiting = json_count(&one, "pending").value_or(0);
        return Finding{Finding::Level::broken,
                       "destination " + name + " does not take records (breaker " + breaker +
                           "): " + std::to_string(waiting) + " wait, one is tried as a probe",
                       "mend the CRM, then wrapup destination resume " + name};
    }
    if (state == "gone") {
        return Finding{Finding::Level::broken,
                       "destination " + name + " answered 410 and gets nothing any more",
                       "mend its URL, restart, then wrapup destination resume " + name};
    }
    const std::int64_t parked = json_count(&one, "parked").value_or(0);
    if (state == "removed" && parked > 0) {
        return Finding{Finding::Level::broken,
                       "destination " + name + " is in no settings any more: its parked records, " +
                           std::to_string(parked) + ", wait for a person",
                       "name it again, or wrapup replay --destination " + name + " --to NAME"};
    }
    return std::nullopt;
}

std::vector<std::string> changed_in(std::string_view answer) {
    std::vector<std::string> names;
    const auto body = parse_json_object(answer);
    const json::value* const changed = body ? json_member(&*body, "changed") : nullptr;
    if (changed == nullptr || !changed->is_array()) return names;
    for (const json::value& name : changed->get_array()) {
        if (name.is_string()) names.emplace_back(name.get_string());
    }
    return names;
}

// What is left to do for whoever has called the doctor already.
std::string beyond_doctor(std::string next) {
    if (next == "wrapup doctor, which names the causes") return "mend the causes named above";
    for (const std::string_view first : {"wrapup doctor, then ", "wrapup doctor; then "}) {
        if (next.starts_with(first)) next.erase(0, first.size());
    }
    constexpr std::string_view last = ", then wrapup doctor";
    if (next.ends_with(last)) next.erase(next.size() - last.size());
    return next;
}

}  // namespace

std::vector<Finding> judge_destinations(std::string_view answer) {
    std::vector<Finding> findings;
    const auto body = parse_json_object(answer);
    if (!body) return findings;
    for (const json::object* one : list_of(*body, "destinations")) {
        if (auto finding = judge_destination(*one)) findings.push_back(*std::move(finding));
    }
    return findings;
}

std::vector<Finding> judge_alerts(std::string_view answer) {
    std::vector<Finding> findings;
    const auto body = parse_json_object(answer);
    if (!body) return findings;
    for (const json::object* one : list_of(*body, "alerts")) {
        // judge_destinations() knows these, and at once; the doctor asks the vendors itself.
        const std::string alert = json_string(one, "alert");
        const bool is_asked = alert == "twilio_credentials" || alert == "elevenlabs_key";
        const bool is_of_destination = alert.starts_with("breaker:") || alert.starts_with("gone:");
        if (is_asked || is_of_destination) continue;
        findings.push_back({Finding::Level::broken, json_string(one, "text"),
                            beyond_doctor(json_string(one, "next"))});
    }
    return findings;
}

std::vector<Finding> judge_changed(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return {{Finding::Level::broken, "the settings were changed after wrapup started: " + list,
             "restart it (systemctl restart wrapup): it still works with those from before"}};
}

std::string ask_running_server(const Settings& settings, std::string_view path) {
    std::string token = settings.api_token;
    if (token.empty()) {
        auto kept = read_api_token(settings.data_dir);
        if (!kept) return {};
        token = *std::move(kept);
    }
    ProbeRequest request;
    request.url = local_api_url(settings) + std::string(path);
    request.headers = {{"Authorization", "Bearer " + token}};
    request.timeout = seconds{2};
    const ProbeAnswer answer = probe_get(request);
    return answer.status == 200 ? answer.body : std::string();
}

void examine_running_server(const InspectedSettings& inspected, Diagnosis& diagnosis) {
    if (!inspected.problems.empty()) return;
    const auto ask = [&](std::string_view path) {
        return ask_running_server(inspected.settings, path);
    };
    const std::string status = ask("/api/status");
    if (status.empty()) return;
    diagnosis.is_running = true;
    for (const auto& found : {judge_changed(changed_in(ask("/api/settings"))),
                              judge_destinations(ask("/api/destinations")), judge_alerts(status)}) {
        diagnosis.findings.insert(diagnosis.findings.end(), found.begin(), found.end());
    }
}

}  // namespace wrapup
