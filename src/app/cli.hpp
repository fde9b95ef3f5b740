#pragma once

// The command line. Each command has a file of its own (cli_<command>.cpp) that adds it to the
// parser and says what it does.

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "app/settings.hpp"

namespace CLI {
class App;
}

namespace wrapup {

// Exit codes.
constexpr int exit_ok = 0;
constexpr int exit_failed = 1;    // The thing asked for failed: refused, not found.
constexpr int exit_unusable = 2;  // Wrong usage or settings, or nobody to ask.

// Where a command reads and writes, so that tests can run it.
struct Console {
    std::ostream& out;
    std::ostream& err;
    bool has_colour = false;  // `out` is a terminal and NO_COLOR is not set.
    std::function<Result<SettingsInput>()> read_settings;
};

// What the command line asks for, once it is understood.
struct CommandLine {
    bool is_json = false;
    std::string url;         // Of the running server; empty: by the settings.
    std::string token_file;  // Empty: by the settings.
    std::function<int(Console&, const CommandLine&)> run;
};

int run_cli(const std::vector<std::string>& arguments, Console& console);
int run_program(int argc, char** argv);

void add_serve(CLI::App& app, CommandLine& line);
void add_calls(CLI::App& app, CommandLine& line);
void add_show(CLI::App& app, CommandLine& line);
void add_send(CLI::App& app, CommandLine& line);
void add_destination(CLI::App& app, CommandLine& line);
void add_doctor(CLI::App& app, CommandLine& line);
void add_simulate(CLI::App& app, CommandLine& line);
void add_version(CLI::App& app, CommandLine& line);

}  // namespace wrapup
