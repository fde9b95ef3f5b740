#include <unistd.h>

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/demo/demo.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(Runs the real server against a Twilio, an ElevenLabs and a CRM that are played
on this machine: an hour of calls in a minute, with a forged callback, a CRM
outage, a lost answer and a kill -9. No accounts are needed, nothing leaves the
machine, and nothing is left behind. Exits 1 unless every call that ended made
exactly one right record.

Examples:
  wrapup demo
  wrapup demo --seconds 20 --calls 24
  wrapup demo --dashboard       with the dashboard's address; calls go on until
                                Ctrl-C
  wrapup demo --verbose         with the server's log)";

constexpr std::uint64_t seconds_min = 5;
constexpr std::uint64_t seconds_max = 3'600;
// Every call has a number of its own, and there are so many.
constexpr std::uint64_t calls_min = 12;
constexpr std::uint64_t calls_max = 290;

int demo(const DemoOptions& options, Console& console) {
    const bool is_fit = options.seconds_count >= seconds_min &&
                        options.seconds_count <= seconds_max && options.calls_count >= calls_min &&
                        options.calls_count <= calls_max;
    if (!is_fit) {
        return unusable(console, fmt::format("--seconds is {} to {}, --calls {} to {}", seconds_min,
                                             seconds_max, calls_min, calls_max));
    }
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return failed(console, "cannot find my own binary: " + error.message());
    DemoLook look;
    look.has_colour = console.has_colour;
    look.is_terminal = &console.out == &std::cout && ::isatty(STDOUT_FILENO) == 1;
    return run_demo(options, program, console.out, look);
}

}  // namespace

CommandSpec demo_command() {
    const auto options = std::make_shared<DemoOptions>();
    CommandSpec command{"demo", "See it work, without any account", notes, {}, {}, {}};
    command.options = {
        {"--seconds", "N", "How long the hour takes (60)", &options->seconds_count, false, ""},
        {"--calls", "N", "How many calls (52)", &options->calls_count, false, ""},
        {"--keep,--dashboard", "", "Go on afterwards, to look around", &options->keeps_running,
         false, ""},
        {"--verbose", "", "Show the server's log too", &options->is_verbose, false, ""},
    };
    command.run = [options](Console& console, const CommandLine&) {
        return demo(*options, console);
    };
    return command;
}

}  // namespace wrapup
