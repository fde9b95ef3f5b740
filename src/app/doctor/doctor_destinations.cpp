// `wrapup doctor` asks the running server which destinations do not take records.

#include <boost/json.hpp>

#include "app/config/api_token.hpp"
#include "app/config/setting_values.hpp"
#include "app/doctor/doctor.hpp"
#include "app/doctor/doctor_probe.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {
namespace json = boost::json;

std::vector<Finding> judge_destinations(std::string_view answer) {
    const auto body = parse_json_object(answer);
    if (!body) return {};
    const json::value* const member = json_member(&*body, "destinations");
    const json::array* const destinations = member == nullptr ? nullptr : member->if_array();
    if (destinations == nullptr) return {};
    std::vector<Finding> findings;
    for (const json::value& value : *destinations) {
        const json::object* const one = value.if_object();
        const std::string name = json_string(one, "name");
        const std::string breaker = json_string(one, "breaker");
        if (name.empty() || breaker.empty() || breaker == "closed") continue;
        const std::int64_t waiting = json_count(one, "pending").value_or(0);
        findings.push_back({Finding::Level::broken,
                            "destination " + name + " does not take records (breaker " + breaker +
                                "): " + std::to_string(waiting) + " wait, one is tried as a probe",
                            "mend the CRM, then wrapup destination resume " + name});
    }
    return findings;
}

std::vector<Finding> examine_destinations(const InspectedSettings& inspected) {
    if (!inspected.problems.empty()) return {};
    const Settings& settings = inspected.settings;
    std::string token = settings.api_token;
    if (token.empty()) {
        auto kept = read_api_token(settings.data_dir);
        if (!kept) return {};
        token = *std::move(kept);
    }
    ProbeRequest request;
    request.url = local_api_url(settings) + "/api/destinations";
    request.headers = {{"Authorization", "Bearer " + token}};
    request.timeout = seconds{2};
    const ProbeAnswer answer = probe_get(request);
    if (answer.status != 200) return {};
    return judge_destinations(answer.body);
}

}  // namespace wrapup
