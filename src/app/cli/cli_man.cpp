#include <memory>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(Prints a manual page for man(1): of wrapup, or of one of its commands.

Examples:
  wrapup man | man -l -
  wrapup man destination pause | man -l -
  wrapup man calls > /usr/local/share/man/man1/wrapup-calls.1)";

// As roff takes it: no line begins with a request, and a hyphen is one that can be copied.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool begins_line = out.empty() || out.back() == '\n';
        if (begins_line && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
    }
    return out;
}

bool is_positional(const OptionSpec& option) { return !option.name.starts_with('-'); }

std::string synopsis(const std::string& name, const CommandSpec& command) {
    std::string line = ".B " + roff(name) + "\n";
    if (!command.commands.empty()) line += ".I COMMAND\n";
    line += "[\\fIOPTION\\fR]...\n";
    for (const OptionSpec& option : command.options) {
        if (!is_positional(option)) continue;
        const std::string shown = "\\fI" + roff(option.name) + "\\fR";
        line += (option.is_required ? shown : "[" + shown + "]") + "\n";
    }
    return line;
}

void add_options(std::string& page, const std::vector<OptionSpec>& options) {
    for (const OptionSpec& option : options) {
        std::string names;
        for (const std::string& name : split_list(option.name)) {
            names += (names.empty() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
        }
        page += ".TP\n" + names;
        if (!option.type.empty()) page += " \\fI" + roff(option.type) + "\\fR";
        page += "\n" + roff(option.help) + ".\n";
    }
}

std::string page_of(const std::string& name, const CommandSpec& command) {
    std::string dashed = name;
    for (char& c : dashed) {
        if (c == ' ') c = '-';
    }
    std::string page = ".TH " + roff(dashed) + " 1\n.SH NAME\n" + roff(dashed) + " \\- " +
                       roff(command.help) + "\n.SH SYNOPSIS\n" + synopsis(name, command) +
                       ".SH DESCRIPTION\n.nf\n" + roff(command.notes) + "\n.fi\n";
    if (!command.commands.empty()) page += ".SH COMMANDS\n";
    for (const CommandSpec& one : command.commands) {
        page += ".TP\n\\fB" + roff(one.name) + "\\fR\n" + roff(one.help) + ".\n";
    }
    CommandLine unused;
    page += ".SH OPTIONS\n";
    add_options(page, command.options);
    add_options(page, common_options(unused));
    return page +
           ".SH EXIT STATUS\n0 done; 1 failed or refused; 2 wrong usage or settings, or no server "
           "to ask.\n";
}

int print_page(Console& console, const std::vector<std::string>& words) {
    CommandSpec at{"wrapup",
                   "one CRM record for every finished AI phone call",
                   "See `wrapup --help` for the first steps.",
                   {},
                   {},
                   all_commands()};
    std::string name = at.name;
    for (const std::string& word : words) {
        const auto commands = at.commands;
        at.name.clear();
        for (const CommandSpec& one : commands) {
            if (one.name == word) at = one;
        }
        if (at.name.empty()) return unusable(console, "there is no command " + word);
        name += " " + word;
    }
    console.out << page_of(name, at);
    return exit_ok;
}

}  // namespace

CommandSpec man_command() {
    const auto words = std::make_shared<std::vector<std::string>>();
    CommandSpec command{"man", "Print a command's manual page", notes, {}, {}, {}};
    command.options = {{"COMMAND", "", "The command; none: wrapup itself", words.get(), false, ""}};
    command.run = [words](Console& console, const CommandLine&) {
        return print_page(console, *words);
    };
    return command;
}

}  // namespace wrapup
