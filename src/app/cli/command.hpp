#pragma once

// A command as data: each cli_<command>.cpp describes its own, and cli.cpp alone knows the parser.

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "app/cli/cli.hpp"

namespace wrapup {

// What a value names, where completion can find out what there is.
enum class NamesOf { nothing, profiles, destinations };

struct OptionSpec {
    std::string name;  // "--state", or "SID" for a positional one.
    std::string type;  // How --help names the value; empty for a positional one.
    std::string help;
    // bool: a flag; a list: may be given several times.
    std::variant<std::string*, std::uint64_t*, bool*, std::vector<std::string>*> target;
    bool is_required = false;
    std::string excludes;  // Another option's name, declared earlier; empty: none.
    // What the value is one of, in any case, with '-' or a blank for '_'; empty: anything.
    std::vector<std::string> values = {};
    NamesOf names_of = NamesOf::nothing;
};

struct CommandSpec {
    std::string name;
    std::string help;   // One line.
    std::string notes;  // What --help says at its end: how it works, and examples.
    std::vector<OptionSpec> options;
    std::function<int(Console&, const CommandLine&)> run;  // Owns what the options point to.
    std::vector<CommandSpec> commands;                     // Then one of them must be given.
};

CommandSpec serve_command();
CommandSpec status_command();
CommandSpec call_command();
CommandSpec calls_command();
CommandSpec campaign_command();
CommandSpec show_command();
CommandSpec send_command();
CommandSpec destination_command();
CommandSpec ledger_command();
CommandSpec doctor_command();
CommandSpec nodes_command();
CommandSpec import_command();
CommandSpec migrate_command();
CommandSpec reconcile_command();
CommandSpec replay_command();
CommandSpec demo_command();
CommandSpec sandbox_command();
CommandSpec simulate_command();
CommandSpec storybook_command();
CommandSpec init_command();
CommandSpec trigger_command();
CommandSpec version_command();
CommandSpec completion_command();
CommandSpec man_command();

// The whole table: what is parsed, completed and told of in manual pages.
std::vector<CommandSpec> all_commands();
std::vector<OptionSpec> common_options(CommandLine& line);

}  // namespace wrapup
