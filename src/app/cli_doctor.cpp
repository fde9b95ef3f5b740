#include <ostream>

#include "app/command.hpp"
#include "app/doctor.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(Prints every setting with its source, secrets masked, and checks settings,
data folder, API token and store. Exit code 1: something will not work.
The store of a running server is not opened.

Examples:
  wrapup doctor
  wrapup doctor --json)";

int examine(Console& console, const CommandLine& line) {
    const auto input = console.read_settings();
    if (!input) {
        console.err << "wrapup: " << input.error().detail << "\n";
        return exit_failed;
    }
    const Diagnosis diagnosis = diagnose(inspect_settings(*input));
    if (line.is_json) {
        console.out << diagnosis_json(diagnosis) << "\n";
    } else {
        console.out << render_diagnosis(diagnosis, console.has_colour);
    }
    return diagnosis.is_well() ? exit_ok : exit_failed;
}

}  // namespace

CommandSpec doctor_command() {
    return {"doctor", "Check settings and store, say what to fix", notes, {}, examine, {}};
}

}  // namespace wrapup
