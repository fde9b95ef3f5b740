#include <algorithm>
#include <iterator>
#include <memory>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/running_findings.hpp"
#include "app/doctor/doctor.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(Says whether wrapup runs and what it finds, the worst first, then the settings
that were made with their source, secrets masked. Checks settings, SERVER_URL
(its form, and from outside by GET /healthz), data folder, API token and store;
whether the CRM can be reached (it is connected to and told nothing); whether
Twilio and ElevenLabs accept the credentials; whether the dialler's MongoDB
answers and its latest calls lead to campaigns and names; whom a running server
has refused, and what `wrapup status` says of it; and the clock. Says what to do
about what it finds. Exit code 1: something does not work. The store of a
running server is not opened.

Examples:
  wrapup doctor
  wrapup doctor --all           with the settings that have their default
  wrapup doctor --offline       asks nobody outside this machine
  wrapup doctor --test-alert    posts a test to WRAPUP_ALERT_URL
  wrapup doctor --json)";

struct DoctorOptions {
    bool is_offline = false;
    bool is_alert_tested = false;
    bool shows_all = false;
};

// Nothing of use where none runs, or it does not answer.
StatusAnswers ask_server(const Settings& settings) {
    return ask_status([&](std::string_view target) {
        auto answer = parse_answer_json(ask_running_server(settings, target));
        return answer ? *std::move(answer) : boost::json::value();
    });
}

int examine(Console& console, const CommandLine& line, const DoctorOptions& options) {
    const auto input = console.read_settings();
    if (!input) return failed(console, input.error().detail);
    const InspectedSettings inspected = inspect_settings(*input);
    Diagnosis diagnosis = diagnose(inspected);
    const auto add = [&](std::vector<Finding> found) {
        std::move(found.begin(), found.end(), std::back_inserter(diagnosis.findings));
    };
    StatusAnswers running;
    if (inspected.problems.empty()) running = ask_server(inspected.settings);
    diagnosis.is_running = running.status.is_object();
    if (!options.is_offline) {
        add(examine_from_outside(inspected));
        add(examine_network(inspected));
        add(examine_database(inspected, diagnosis.is_running));
        add(examine_mongodb(inspected));
    }
    if (diagnosis.is_running) {
        const RefusalHints hints = refusal_hints(running, !inspected.settings.database_url.empty());
        add(running_findings(running, hints, diagnosis.findings));
        add(examine_refusals(inspected, hints));
    }
    if (options.is_alert_tested) diagnosis.findings.push_back(test_alert(inspected.settings));
    diagnosis.advise_restart();
    if (line.is_json) {
        console.out << diagnosis_json(diagnosis) << "\n";
    } else {
        console.out << render_diagnosis(diagnosis, console.has_colour, options.shows_all);
    }
    return diagnosis.is_well() ? exit_ok : exit_failed;
}

}  // namespace

CommandSpec doctor_command() {
    const auto options = std::make_shared<DoctorOptions>();
    CommandSpec command{"doctor", "Check settings, store and peers, say what to fix", notes, {}, {},
                        {}};
    command.options = {
        {"--offline", "", "Ask nobody outside this machine", &options->is_offline, false, ""},
        {"--test-alert", "", "Post a test alert to WRAPUP_ALERT_URL", &options->is_alert_tested,
         false, ""},
        {"--all", "", "Show settings that have their default, too", &options->shows_all, false, ""},
    };
    command.run = [options](Console& console, const CommandLine& line) {
        return examine(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
