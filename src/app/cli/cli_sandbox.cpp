#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>
#include <ostream>

#include "adapters/curl/curl_transport.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/config/setting_values.hpp"
#include "base/console_text.hpp"
#include "sandbox/control_routes.hpp"
#include "sandbox/placing_control.hpp"
#include "sandbox/sandbox.hpp"
#include "sandbox/traffic.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

constexpr const char* notes =
    R"(Plays Twilio, ElevenLabs and a CRM as real HTTP servers on 127.0.0.1, signed
callbacks included, and prints the settings that point a wrapup at them.
Percentages are of the calls that --rate or POST /sandbox/calls place.

While it runs:
  curl -d '{"outcome":"held"}' http://127.0.0.1:8910/sandbox/calls
  curl -d '{"lost":true}' http://127.0.0.1:8910/sandbox/calls   no word of it
  curl -d '{"peer":"crm","kind":"status","status":429,"retry_after_s":2,
            "count":3}' \
       http://127.0.0.1:8910/sandbox/faults     kinds: status, hang, cut,
                                  accept_then_cut, none; peers: crm, twilio,
                                  elevenlabs (status, nonsense, half,
                                  same_page, other_host, none), webhook
                                  (disabled, none)
  curl http://127.0.0.1:8910/sandbox/account
  curl -d '{"outcome":"held","lose_every":5}' \
       http://127.0.0.1:8910/sandbox/placing
                                  for calls that wrapup places; GET shows them

Examples:
  wrapup sandbox
  wrapup sandbox --rate 60 --repeated 20 --reordered 10)";

struct SandboxFlags {
    std::string target = "http://127.0.0.1:8080";
    std::uint64_t control_port = 8910;
    std::uint64_t twilio_port = 8911;
    std::uint64_t elevenlabs_port = 8912;
    std::uint64_t crm_port = 8913;
    std::uint64_t calls_per_minute = 0;
    std::uint64_t speed = 60;
    std::uint64_t seed = 1;
    std::uint64_t lost_percent = 0;
    std::uint64_t repeated_percent = 0;
    std::uint64_t reordered_percent = 0;
    std::uint64_t silent_percent = 0;
    std::uint64_t sentinel_percent = 0;
    std::uint64_t delay_ms = 0;
    std::uint64_t processing_s = 1;
    std::uint64_t crm_latency_ms = 20;
};

constexpr std::uint64_t speed_max = 3'600;
constexpr std::uint64_t rate_max = 60'000;
constexpr std::uint64_t wait_s_max = 86'400;

// The name of the flag that is out of its range; empty when none is.
std::string_view find_unfit(const SandboxFlags& flags) {
    for (const std::uint64_t port :
         {flags.control_port, flags.twilio_port, flags.elevenlabs_port, flags.crm_port}) {
        if (port > 65'535) return "a port is at most 65535";
    }
    for (const std::uint64_t percent :
         {flags.lost_percent, flags.repeated_percent, flags.reordered_percent, flags.silent_percent,
          flags.sentinel_percent}) {
        if (percent > 100) return "a percentage is at most 100";
    }
    if (flags.speed < 1 || flags.speed > speed_max) return "--speed is 1 to 3600";
    if (flags.calls_per_minute > rate_max) return "--rate is at most 60000";
    const bool is_short = flags.delay_ms <= wait_s_max * 1000 &&
                          flags.crm_latency_ms <= wait_s_max * 1000 &&
                          flags.processing_s <= wait_s_max;
    return is_short ? "" : "a wait is at most a day";
}

milliseconds to_milliseconds(std::uint64_t count) {
    return milliseconds{static_cast<std::int64_t>(count)};
}

SandboxOptions sandbox_options(const SandboxFlags& flags, std::string target) {
    SandboxOptions options;
    options.target_url = std::move(target);
    options.twilio_port = static_cast<std::uint16_t>(flags.twilio_port);
    options.elevenlabs_port = static_cast<std::uint16_t>(flags.elevenlabs_port);
    options.crm_port = static_cast<std::uint16_t>(flags.crm_port);
    options.crm_latency = to_milliseconds(flags.crm_latency_ms);
    return options;
}

TrafficOptions traffic_options(const SandboxFlags& flags, std::string target) {
    TrafficOptions options;
    options.seed = flags.seed;
    options.server_url = std::move(target);
    options.speed = static_cast<int>(flags.speed);
    options.lost_percent = static_cast<std::uint32_t>(flags.lost_percent);
    options.repeated_percent = static_cast<std::uint32_t>(flags.repeated_percent);
    options.reordered_percent = static_cast<std::uint32_t>(flags.reordered_percent);
    options.silent_percent = static_cast<std::uint32_t>(flags.silent_percent);
    options.sentinel_percent = static_cast<std::uint32_t>(flags.sentinel_percent);
    options.delay_max = to_milliseconds(flags.delay_ms);
    options.processing = to_milliseconds(flags.processing_s * 1000);
    return options;
}

Task<void> place_steadily(Sandbox& sandbox, Traffic& traffic, std::uint64_t calls_per_minute) {
    const auto pause =
        std::chrono::nanoseconds{std::chrono::minutes{1}} / static_cast<int>(calls_per_minute);
    std::chrono::nanoseconds elapsed{};
    const UtcTime started_at = sandbox.clock().now();
    for (;;) {
        sandbox.player().place(traffic.next());
        elapsed += pause;
        const UtcTime due_at = started_at + std::chrono::floor<milliseconds>(elapsed);
        co_await sandbox.clock().sleep_until(due_at);
    }
}

void introduce(const Console& console, const Sandbox& sandbox, const std::string& control_url) {
    const auto dim = [&](std::string_view text) {
        return painted(text, Paint::dim, console.has_colour);
    };
    console.out << dim("# The sandbox runs. In another terminal:") << "\n";
    for (const auto& [name, value] : sandbox.environment()) {
        console.out << "export " << name << "='" << value << "'\n";
    }
    console.out << dim("# then: wrapup serve") << "\n"
                << dim("# and a call: curl -X POST " + control_url + "/sandbox/calls") << std::endl;
}

// One line per request that the CRM sees.
void report(const Console& console, const CrmEvent& event) {
    constexpr std::string_view words[] = {"filed", "repeated", "refused",
                                          "hung",  "cut",      "filed and cut"};
    const auto kind = static_cast<std::size_t>(event.kind);
    console.out << fmt::format("crm  {:<13} {}  request {}{}\n", words[kind],
                               terminal_text(event.record.first.key), event.record.requests_count,
                               event.record.is_altered ? "  ALTERED" : "");
    console.out.flush();
}

int run_sandbox(const SandboxFlags& flags, Console& console) {
    const std::string_view unfit = find_unfit(flags);
    if (!unfit.empty()) return unusable(console, unfit);
    const auto target = parse_base_url(flags.target);
    if (!target) return unusable(console, "--target " + target.error().detail);
    std::signal(SIGPIPE, SIG_IGN);

    asio::io_context io(1);
    CurlTransport transport({});
    Traffic traffic(traffic_options(flags, *target));
    Sandbox sandbox(io.get_executor(), transport, sandbox_options(flags, *target));
    sandbox.twilio().placing().calls_per_minute = static_cast<int>(flags.speed) * 60;
    sandbox.crm().on_event([&](const CrmEvent& event) { report(console, event); });
    ControlRoutes control(sandbox, traffic);
    RouteSet routes;
    control.add_to(routes);
    PlacingControl placing(sandbox, traffic);
    placing.add_to(routes);
    const auto port = static_cast<std::uint16_t>(flags.control_port);
    const auto control_port = sandbox.server().listen({"127.0.0.1", port}, std::move(routes));
    if (!control_port) return unusable(console, control_port.error().detail);
    if (const auto started = sandbox.start(); !started) {
        return unusable(console, started.error().detail);
    }
    introduce(console, sandbox, "http://127.0.0.1:" + std::to_string(*control_port));
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&io](const boost::system::error_code&, int) { io.stop(); });
    if (flags.calls_per_minute > 0) {
        spawn_root(io.get_executor(), place_steadily(sandbox, traffic, flags.calls_per_minute));
    }
    io.run();
    transport.stop();
    return exit_ok;
}

}  // namespace

CommandSpec sandbox_command() {
    const auto flags = std::make_shared<SandboxFlags>();
    CommandSpec command{"sandbox", "Play Twilio, ElevenLabs and a CRM", notes, {}, {}, {}};
    SandboxFlags& f = *flags;
    command.options = {
        {"--target", "URL", "The wrapup to call back (http://127.0.0.1:8080)", &f.target, false,
         ""},
        {"--rate", "N", "Calls per minute placed by itself (0)", &f.calls_per_minute, false, ""},
        {"--speed", "N", "So many times as fast as life (60)", &f.speed, false, ""},
        {"--seed", "N", "Another seed, other calls (1)", &f.seed, false, ""},
        {"--lost", "PERCENT", "Final callbacks that never arrive", &f.lost_percent, false, ""},
        {"--repeated", "PERCENT", "that arrive twice", &f.repeated_percent, false, ""},
        {"--reordered", "PERCENT", "that arrive first", &f.reordered_percent, false, ""},
        {"--delay", "MS", "Delay of callbacks and webhooks, at most", &f.delay_ms, false, ""},
        {"--silent", "PERCENT", "ElevenLabs webhooks that stay away", &f.silent_percent, false, ""},
        {"--sentinel", "PERCENT", "Summaries that could not be made", &f.sentinel_percent, false,
         ""},
        {"--processing", "S", "How long a summary takes (1)", &f.processing_s, false, ""},
        {"--crm-latency", "MS", "How long the CRM takes (20)", &f.crm_latency_ms, false, ""},
        {"--control-port", "N", "(8910)", &f.control_port, false, ""},
        {"--twilio-port", "N", "(8911)", &f.twilio_port, false, ""},
        {"--elevenlabs-port", "N", "(8912)", &f.elevenlabs_port, false, ""},
        {"--crm-port", "N", "(8913); 0: any that is free", &f.crm_port, false, ""},
    };
    command.run = [flags](Console& console, const CommandLine&) {
        return run_sandbox(*flags, console);
    };
    return command;
}

}  // namespace wrapup
