// `wrapup doctor` asks the running server.

#include "app/config/api_token.hpp"
#include "app/config/setting_values.hpp"
#include "app/doctor/doctor.hpp"
#include "app/doctor/doctor_probe.hpp"

namespace wrapup {

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
    const bool is_told = answer.status == 200 || path == "/readyz";  // 503: what is away.
    return is_told ? answer.body : std::string();
}

}  // namespace wrapup
