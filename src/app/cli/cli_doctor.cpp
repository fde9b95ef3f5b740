#include <algorithm>
#include <iterator>
#include <memory>
#include <ostream>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/running_findings.hpp"
#include "app/cli/short_time.hpp"
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
running server is not opened. With --profile or --url the server is asked, and
nothing here is judged.

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

int say(Console& console, const CommandLine& line, Diagnosis diagnosis, bool shows_all) {
    if (line.is_json) {
        console.out << diagnosis_json(diagnosis) << "\n";
    } else {
        const ListTimes times(console);
        for (Finding& finding : diagnosis.findings) {
            finding.text = times.sentence(finding.text);
            finding.advice = times.sentence(finding.advice);
        }
        console.out << render_diagnosis(diagnosis, console.has_colour, shows_all,
                                        console.terminal_columns);
    }
    return diagnosis.is_well() ? exit_ok : exit_failed;
}

// What the server says of itself and of its settings.
Diagnosis told_by(const StatusAnswers& answers) {
    Diagnosis diagnosis;
    diagnosis.is_running = true;
    diagnosis.is_failing = !notes_of(answers).empty();
    bool has_database = false;
    for (const auto& row : list_member(answers.settings, {"settings"})) {
        diagnosis.settings.push_back({text_member(row, {"name"}), text_member(row, {"value"}),
                                      text_member(row, {"source"}), flag_member(row, {"secret"})});
        const EffectiveSetting& last = diagnosis.settings.back();
        has_database = has_database || (last.name == "DATABASE_URL" && !last.shown.empty());
    }
    diagnosis.findings = running_findings(answers, refusal_hints(answers, has_database), {});
    for (const auto& row : list_member(answers.settings, {"findings"})) {
        const std::string level = text_member(row, {"level"});
        Finding finding{level == "broken" ? Finding::Level::broken
                        : level == "note" ? Finding::Level::note
                                          : Finding::Level::good,
                        text_member(row, {"text"}), text_member(row, {"advice"})};
        const bool is_told = std::ranges::any_of(
            diagnosis.findings, [&](const Finding& one) { return one.text == finding.text; });
        if (!is_told) diagnosis.findings.push_back(std::move(finding));
    }
    diagnosis.findings.push_back(
        {Finding::Level::note,
         "the store, the peers and SERVER_URL are looked at on the machine of the server alone",
         "call doctor there, without --profile and --url"});
    return diagnosis;
}

// The settings here are not those of a server elsewhere: it is asked, and nothing here is judged.
int examine_elsewhere(Console& console, const CommandLine& line, const DoctorOptions& options) {
    if (options.is_alert_tested) {
        return unusable(console,
                        "--test-alert is for the machine of the server: call it there, "
                        "without --profile and --url");
    }
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    const ServerAnswers asked = ask_status(*client);
    if (!asked.is_there) return unusable(console, asked.is_there.error().detail);
    return say(console, line, told_by(asked.answers), options.shows_all);
}

int examine(Console& console, const CommandLine& line, const DoctorOptions& options) {
    if (!line.profile.empty() || !line.url.empty()) {
        return examine_elsewhere(console, line, options);
    }
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
    if (options.is_offline) {
        add(examine_addresses(inspected.settings));
    } else {
        add(examine_from_outside(inspected));
        add(examine_network(inspected));
        add(examine_database(inspected, diagnosis.is_running));
        add(examine_mongodb(inspected));
    }
    if (diagnosis.is_running) {
        diagnosis.is_failing = !notes_of(running).empty();
        const RefusalHints hints = refusal_hints(running, !inspected.settings.database_url.empty());
        add(running_findings(running, hints, diagnosis.findings));
        add(examine_refusals(inspected, hints));
    }
    if (options.is_alert_tested) diagnosis.findings.push_back(test_alert(inspected.settings));
    diagnosis.advise_restart();
    return say(console, line, diagnosis, options.shows_all);
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
