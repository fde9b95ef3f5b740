#pragma once

// The command line.

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "app/config/settings.hpp"
#include "app/program/exit_codes.hpp"
#include "base/time_zone.hpp"

namespace wrapup {

// Where a command reads and writes, so that tests can run it.
struct Console {
    std::ostream& out;
    std::ostream& err;
    bool has_colour = false;  // `out` is a terminal and NO_COLOR is not set.
    std::function<Result<SettingsInput>()> read_settings;
    // Asks a person yes or no; empty where nobody sits at a terminal.
    std::function<bool(const std::string& question)> confirm = {};
    // Asks a person for a line, unseen where it is a secret; nothing when nobody answers any more.
    // Empty where nobody sits at a terminal.
    std::function<std::optional<std::string>(const std::string& question, bool is_secret)> ask = {};
    std::size_t terminal_columns = 0;  // Of `out`; 0: it is no terminal.
    bool has_json_errors = false;      // `err` takes problem documents (--json).
    std::size_t error_columns = 0;     // Of `err`; 0: it is no terminal.
    // Of times that people type and read.
    std::function<TimeZone()> find_zone = {};
};

// What every command understands.
struct CommandLine {
    bool is_json = false;
    std::string color = "auto";
    std::string profile;     // Whose settings count instead of those here; empty: nobody's.
    std::string url;         // Of the running server; empty: by the settings.
    std::string token_file;  // Empty: by the settings.
};

// Understands the arguments (without the program's name), runs the command, and returns the exit
// code.
int run_cli(const std::vector<std::string>& arguments, Console& console);
int run_program(int argc, char** argv);

}  // namespace wrapup
