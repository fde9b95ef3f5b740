#include <algorithm>
#include <functional>
#include <memory>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(Prints what the shell reads to complete wrapup's commands and options.

Examples:
  source <(wrapup completion bash)                            this shell
  wrapup completion bash > /etc/bash_completion.d/wrapup      every shell
  wrapup completion zsh > "${fpath[1]}/_wrapup"
  wrapup completion fish > ~/.config/fish/completions/wrapup.fish)";

struct Word {
    std::string text;
    std::string help;
};
// What may stand behind a path of commands: " destination pause", or nothing.
struct Place {
    std::string path;
    std::vector<Word> words;
};

void add_options(Place& place, const std::vector<OptionSpec>& options) {
    for (const OptionSpec& option : options) {
        for (const std::string& name : split_list(option.name)) {
            if (name.starts_with("--")) place.words.push_back({name, option.help});
        }
    }
}

void add_places(std::vector<Place>& places, const std::string& path,
                const std::vector<CommandSpec>& commands, const std::vector<OptionSpec>& options) {
    CommandLine unused;
    Place place{path, {}};
    for (const CommandSpec& command : commands) place.words.push_back({command.name, command.help});
    add_options(place, options);
    add_options(place, common_options(unused));
    place.words.push_back({"--help", "Print help"});
    places.push_back(std::move(place));
    for (const CommandSpec& command : commands) {
        add_places(places, path + " " + command.name, command.commands, command.options);
    }
}

// The cases by which a script walks down the words that stand there already.
std::string walk(const std::vector<Place>& places,
                 const std::function<std::string(std::string)>& at) {
    std::string text;
    for (const Place& place : places) {
        if (!place.path.empty()) text += at(place.path);
    }
    return text;
}

std::string bash_script(const std::vector<Place>& places) {
    std::string script =
        "# bash completion for wrapup\n"
        "_wrapup() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} at= words= word\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "        case \"$at $word\" in\n" +
        walk(places,
             [](const std::string& path) {
                 return "            \"" + path + "\") at=\"" + path + "\" ;;\n";
             }) +
        "        esac\n"
        "    done\n"
        "    case \"$at\" in\n";
    for (const Place& place : places) {
        script += "        \"" + place.path + "\") words=\"";
        for (const Word& word : place.words) script += word.text + " ";
        script.back() = '"';
        script += " ;;\n";
    }
    return script +
           "    esac\n"
           "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
           "}\n"
           "complete -o default -F _wrapup wrapup\n";
}

std::string in_quotes(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string zsh_script(const std::vector<Place>& places) {
    std::string script =
        "#compdef wrapup\n"
        "_wrapup() {\n"
        "    local at= word\n"
        "    local -a found\n"
        "    for word in ${words[2,CURRENT-1]}; do\n"
        "        case \"$at $word\" in\n" +
        walk(places,
             [](const std::string& path) {
                 return "            (\"" + path + "\") at=\"" + path + "\" ;;\n";
             }) +
        "        esac\n"
        "    done\n"
        "    case \"$at\" in\n";
    for (const Place& place : places) {
        script += "        (\"" + place.path + "\") found=(\n";
        for (const Word& word : place.words) {
            script += "            " + in_quotes(word.text + ":" + word.help) + "\n";
        }
        script += "        ) ;;\n";
    }
    return script +
           "    esac\n"
           "    _describe wrapup found || _files\n"
           "}\n"
           "compdef _wrapup wrapup\n";
}

std::string fish_script(const std::vector<Place>& places) {
    std::string script =
        "# fish completion for wrapup\n"
        "function __wrapup_at\n"
        "    set -l at ''\n"
        "    for word in (commandline -opc)[2..-1]\n"
        "        switch \"$at $word\"\n" +
        walk(places,
             [](const std::string& path) {
                 return "            case '" + path + "'\n                set at '" + path + "'\n";
             }) +
        "        end\n"
        "    end\n"
        "    test \"$at\" = \"$argv[1]\"\n"
        "end\n";
    for (const Place& place : places) {
        for (const Word& word : place.words) {
            script += "complete -c wrapup -n \"__wrapup_at '" + place.path + "'\" ";
            script += word.text.starts_with("--") ? "-l " + word.text.substr(2) : "-a " + word.text;
            std::string help = word.help;
            std::ranges::replace(help, '\'', '"');
            script += " -d '" + help + "'\n";
        }
    }
    return script;
}

int complete(Console& console, const std::string& shell) {
    std::vector<Place> places;
    add_places(places, "", all_commands(), {});
    if (shell == "bash") {
        console.out << bash_script(places);
    } else if (shell == "zsh") {
        console.out << zsh_script(places);
    } else if (shell == "fish") {
        console.out << fish_script(places);
    } else {
        return unusable(console, "SHELL is bash, zsh or fish");
    }
    return exit_ok;
}

}  // namespace

CommandSpec completion_command() {
    const auto shell = std::make_shared<std::string>();
    CommandSpec command{"completion", "Complete commands in bash, zsh, fish", notes, {}, {}, {}};
    command.options = {{"SHELL", "", "bash, zsh or fish", shell.get(), true, ""}};
    command.run = [shell](Console& console, const CommandLine&) {
        return complete(console, *shell);
    };
    return command;
}

}  // namespace wrapup
