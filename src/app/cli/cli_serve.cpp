#include <ostream>

#include "app/cli/command.hpp"
#include "app/serve/serve.hpp"

namespace wrapup {
namespace {

constexpr const char* notes = R"(Settings come from the environment, then .env, then wrapup.toml.
Stops cleanly on SIGTERM or Ctrl-C within 10 s; nothing is lost either way.

Examples:
  wrapup serve
  PORT=3000 wrapup serve        all interfaces, as hosting platforms expect)";

int serve(Console& console, const CommandLine&) {
    const auto input = console.read_settings();
    const auto settings = input ? load_settings(*input) : Result<Settings>(input.error());
    if (!settings) {
        console.err << "wrapup: " << settings.error().detail << std::endl;
        return exit_unusable;
    }
    return run_serve(*settings);
}

}  // namespace

CommandSpec serve_command() { return {"serve", "Run the service", notes, {}, serve, {}}; }

}  // namespace wrapup
