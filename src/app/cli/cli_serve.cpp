#include <ostream>
#include <string_view>
#include <vector>

#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/doctor/doctor.hpp"
#include "app/serve/serve.hpp"

namespace wrapup {
namespace {

constexpr const char* notes = R"(Settings come from the environment, then .env, then wrapup.toml.
Stops cleanly on SIGTERM, SIGHUP or Ctrl-C within 10 s; nothing is lost.

Examples:
  wrapup serve
  PORT=3000 wrapup serve        all interfaces, as hosting platforms expect)";

std::string_view word_of(Finding::Level level) {
    switch (level) {
        case Finding::Level::good: return "good";
        case Finding::Level::note: return "note";
        case Finding::Level::broken: break;
    }
    return "broken";
}

// What `wrapup doctor` finds without asking anybody, of a server whose store is open already.
// `now`: as the sources say since; nothing where they cannot be read.
InstallationFindings findings_of(const SettingsInput& input, const Result<SettingsInput>& now) {
    const InspectedSettings inspected = inspect_settings(input);
    InstallationFindings shown;
    if (now) shown.changed = changed_settings(input, *now);
    const auto add = [&shown](const std::vector<Finding>& findings) {
        for (const Finding& one : findings) {
            const char* const at_last = one.is_of_setting ? "; then restart wrapup" : "";
            shown.findings.push_back({word_of(one.level), one.text, one.advice + at_last});
        }
    };
    add(judge_changed(shown.changed));
    add(examine_settings(inspected));
    add(examine_addresses(inspected.settings));
    add(examine_data_folder(inspected.settings));
    add(examine_env_file(inspected.settings));
    // Loads the tables of all countries, 7 MB that most servers never need.
    if (!inspected.settings.country.empty()) add(examine_phones(inspected.settings));
    return shown;
}

// Where the settings of a whole installation are missing, this is the wrong folder, or the first
// start.
std::string where_sought(const Result<SettingsInput>& input) {
    if (!input || input->env_file || input->toml_file) return {};
    const auto problems = inspect_settings(*input).problems;
    const bool is_bare = !problems.empty() && problems.front().name == "TWILIO_ACCOUNT_SID";
    if (!is_bare) return {};
    return ". There is no .env in " + input->cwd.string() +
           ": start it in the folder that has yours, or make one with `wrapup init`.";
}

int serve(Console& console, const CommandLine&) {
    const auto input = console.read_settings();
    const auto settings = input ? load_settings(*input) : Result<Settings>(input.error());
    if (!settings) return unusable(console, settings.error().detail + where_sought(input));
    return run_serve(*settings, [input = *input, read = console.read_settings] {
        return findings_of(input, read());
    });
}

}  // namespace

CommandSpec serve_command() { return {"serve", "Run the service", notes, {}, serve, {}}; }

}  // namespace wrapup
