#include <ostream>

#include "app/cli/command.hpp"
#include "app/program/version.hpp"

namespace wrapup {
namespace {

int print_version(Console& console, const CommandLine& line) {
    if (line.is_json) {
        console.out << "{\"version\":\"" << version() << "\"}\n";
    } else {
        console.out << "wrapup " << version() << "\n";
    }
    return exit_ok;
}

}  // namespace

CommandSpec version_command() {
    return {"version", "Print the version", "Example:\n  wrapup version", {}, print_version, {}};
}

}  // namespace wrapup
