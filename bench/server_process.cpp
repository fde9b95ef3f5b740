#include "bench/server_process.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "bench/callbacks.hpp"
#include "bench/wire.hpp"

namespace wrapup::bench {
namespace {

constexpr std::string_view api_token = "bench-api-token-0123456789";
constexpr std::int64_t ready_patience_ns = 300'000'000'000;  // Of a migration of many calls, too.
constexpr std::chrono::microseconds ready_interval{500};

std::vector<std::string> environment_of(const ServerOptions& options, std::uint16_t port) {
    const auto loopback = [](std::uint16_t at) { return "127.0.0.1:" + std::to_string(at); };
    std::vector<std::string> environment = {
        "PATH=/usr/bin:/bin", "TWILIO_ACCOUNT_SID=" + std::string(account_sid),
        "TWILIO_AUTH_TOKEN=" + std::string(auth_token), "SERVER_URL=" + std::string(server_url),
        // Nobody is asked: these calls need neither summary nor REST.
        "WRAPUP_TWILIO_BASE_URL=http://127.0.0.1:9",
        "CRM_WEBHOOK_URL=http://" + loopback(options.crm_port) + "/records",
        "ENABLE_CRM_WEBHOOK=" + std::string(options.is_delivery_enabled ? "true" : "false"),
        "WRAPUP_ALLOW_PRIVATE_TARGETS=true", "WRAPUP_LISTEN=" + loopback(port),
        "WRAPUP_DATA_DIR=" + options.data_dir.string(),
        "WRAPUP_API_TOKEN=" + std::string(api_token)};
    environment.insert(environment.end(), options.settings.begin(), options.settings.end());
    return environment;
}

}  // namespace

// Fields 14 and 15 (children: 16 and 17), counted behind the name.
std::pair<double, double> cpu_of(const std::string& path, bool is_of_ended) {
    const std::string text = text_of(path);
    std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
    std::string skipped;
    for (int i = 0; i < (is_of_ended ? 13 : 11); ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    return {user / ticks, system / ticks};
}

ServerProcess::ServerProcess(const ServerOptions& options) : port_(free_port()) {
    std::filesystem::create_directories(options.data_dir);
    const std::int64_t started_at = steady_ns();
    // In the data folder, so that no .env of the working folder counts.
    const auto log = options.data_dir / "server.log";
    child_ = std::make_unique<Child>(std::vector<std::string>{options.binary.string(), "serve"},
                                     environment_of(options, port_), options.data_dir, log);
    const std::string request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    while (ask(port_, request).status != 200) {
        if (child_->has_ended()) die("the server ended:\n" + text_of(log));
        if (steady_ns() - started_at > ready_patience_ns) die("the server is not ready in 300 s");
        std::this_thread::sleep_for(ready_interval);
    }
    ready_after_ms_ = static_cast<double>(steady_ns() - started_at) / 1e6;
}

std::int64_t ServerProcess::rss_kb() const {
    const std::string text = text_of("/proc/" + std::to_string(child_->pid()) + "/status");
    const std::size_t found = text.find("VmRSS:");
    return found == std::string::npos ? 0 : std::atoll(text.c_str() + found + 6);
}

CpuUse ServerProcess::cpu() const {
    const std::string process = "/proc/" + std::to_string(child_->pid());
    const auto [user, system] = cpu_of(process + "/stat");
    CpuUse use{user + system, user, {}};
    for (const auto& task : std::filesystem::directory_iterator(process + "/task")) {
        const auto [task_user, task_system] = cpu_of(task.path().string() + "/stat");
        use.threads_s[std::atoi(task.path().filename().c_str())] = task_user + task_system;
    }
    return use;
}

double ServerProcess::metric(const std::string& name) const {
    const Answer answer = ask(port_, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    std::istringstream lines(answer.body);
    double sum = 0;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(name + "{") && !line.starts_with(name + " ")) continue;
        sum += std::atof(line.c_str() + line.rfind(' '));
    }
    return sum;
}

int ServerProcess::post(const std::string& target) const {
    return ask(port_, "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                          std::string(api_token) + "\r\nContent-Length: 0\r\n\r\n")
        .status;
}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent) {
    std::filesystem::create_directories(parent);
    std::string pattern = (parent / "run-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) die("cannot make a folder in " + parent.string());
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace wrapup::bench
