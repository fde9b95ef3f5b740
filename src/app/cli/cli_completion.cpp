#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <ostream>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/config/settings_input.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(Prints what the shell reads to complete wrapup's commands and options. The names
of destinations are asked of the server, with the options that stand there.

Examples:
  source <(wrapup completion bash)                            this shell
  wrapup completion bash > /etc/bash_completion.d/wrapup      every shell
  wrapup completion zsh > "${fpath[1]}/_wrapup"
  wrapup completion fish > ~/.config/fish/completions/wrapup.fish)";

struct Word {
    std::string text;
    std::string help;
};
// What an option's value may be, or an argument that is no option.
struct Values {
    std::vector<std::string> words;
    NamesOf names_of = NamesOf::nothing;
    bool is_file = false;

    bool are_known() const { return !words.empty() || names_of != NamesOf::nothing; }
};
struct Option {
    Word name;
    bool has_value = false;
    Values values;
};
// What may stand behind a path of commands: " destination pause", or nothing.
struct Place {
    std::string path;
    std::vector<Word> commands;
    std::vector<Option> options;
    Values argument;

    std::vector<Word> words() const {
        std::vector<Word> all = commands;
        for (const std::string& word : argument.words) all.push_back({word, ""});
        for (const Option& option : options) all.push_back(option.name);
        return all;
    }
};

void add_options(Place& place, const std::vector<OptionSpec>& options) {
    for (const OptionSpec& option : options) {
        const Values values{option.values, option.names_of,
                            option.type == "FILE" || option.name == "FILE"};
        if (!option.name.starts_with('-')) place.argument = values;
        const bool has_value = !std::holds_alternative<bool*>(option.target);
        for (const std::string& name : split_list(option.name, ',')) {
            if (!name.starts_with("--")) continue;
            place.options.push_back({{name, option.help}, has_value, values});
        }
    }
}

void add_places(std::vector<Place>& places, const std::string& path,
                const std::vector<CommandSpec>& commands, const std::vector<OptionSpec>& options) {
    CommandLine unused;
    Place place{path, {}, {}, {}};
    for (const CommandSpec& command : commands) {
        place.commands.push_back({command.name, command.help});
    }
    add_options(place, options);
    add_options(place, common_options(unused));
    place.options.push_back({{"--help", "Print help"}, false, {}});
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

std::string joined(const std::vector<Word>& words) {
    std::string text;
    for (const Word& word : words) text += (text.empty() ? "" : " ") + word.text;
    return text;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string_view word_of(NamesOf names) {
    return names == NamesOf::profiles ? "profiles" : "destinations";
}

// The cases of bash and zsh for what stands behind an option with a value. `known` says what is
// done with the words, or with the command that prints them.
std::string value_cases(const std::vector<Place>& places,
                        const std::function<std::string(const Values&)>& known,
                        const std::string& file, const std::string& unknown) {
    std::string text;
    for (const Place& place : places) {
        for (const Option& option : place.options) {
            if (!option.has_value) continue;
            const Values& values = option.values;
            text += "        (\"" + place.path + " " + option.name.text + "\") " +
                    (values.are_known() ? known(values)
                     : values.is_file   ? file
                                        : unknown) +
                    " ;;\n";
        }
    }
    return text;
}

// Which server is meant, so that its names are asked for.
constexpr const char* server_case =
    "        case $before in\n"
    "            (--profile|--url|--token-file) server+=(\"$before\" \"$word\") ;;\n"
    "        esac\n"
    "        before=$word\n";

std::string bash_script(const std::vector<Place>& places) {
    const auto asked = [](NamesOf names) {
        return "$(\"$program\" \"${server[@]}\" completion --names " + std::string(word_of(names)) +
               " 2>/dev/null)";
    };
    const auto known = [&](const Values& values) {
        const bool is_asked = values.names_of != NamesOf::nothing;
        return "words=\"" + (is_asked ? asked(values.names_of) : joined(values.words)) + "\"";
    };
    std::string script =
        "# bash completion for wrapup\n"
        "_wrapup() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local program=${1:-wrapup} at= words= word before=\n"
        "    local server=()\n"
        "    COMPREPLY=()\n"
        "    [[ $cur == = ]] && cur=\n"
        "    [[ $last == = ]] && last=${COMP_WORDS[COMP_CWORD-2]}\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "        [[ $word == = ]] && continue\n" +
        std::string(server_case) + "        case \"$at $word\" in\n" +
        walk(places,
             [](const std::string& path) {
                 return "            (\"" + path + "\") at=\"" + path + "\" ;;\n";
             }) +
        "        esac\n"
        "    done\n"
        "    case \"$at $last\" in\n" +
        value_cases(places, known, "return", "compopt +o default 2>/dev/null; return") +
        "        (*) case \"$at\" in\n";
    for (const Place& place : places) {
        const NamesOf names = place.argument.names_of;
        script += "            (\"" + place.path + "\") words=\"" + joined(place.words()) +
                  (names == NamesOf::nothing ? "" : " " + asked(names)) + "\" ;;\n";
    }
    return script +
           "        esac ;;\n"
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
    const auto asked = [](NamesOf names) {
        return "${(f)\"$($words[1] $server completion --names " + std::string(word_of(names)) +
               " 2>/dev/null)\"}";
    };
    const auto known = [&](const Values& values) {
        const bool is_asked = values.names_of != NamesOf::nothing;
        return "found=(" + (is_asked ? asked(values.names_of) : joined(values.words)) + ")";
    };
    std::string script =
        "#compdef wrapup\n"
        "_wrapup() {\n"
        "    local at= word before= last=${words[CURRENT-1]}\n"
        "    local -a found server\n"
        "    for word in ${words[2,CURRENT-1]}; do\n" +
        std::string(server_case) + "        case \"$at $word\" in\n" +
        walk(places,
             [](const std::string& path) {
                 return "            (\"" + path + "\") at=\"" + path + "\" ;;\n";
             }) +
        "        esac\n"
        "    done\n"
        "    case \"$at $last\" in\n" +
        value_cases(places, known, "_files; return", "return") + "        (*) case \"$at\" in\n";
    for (const Place& place : places) {
        const NamesOf names = place.argument.names_of;
        script += "        (\"" + place.path + "\") found=(\n";
        for (const Word& word : place.words()) {
            script += "            " + in_quotes(word.text + ":" + word.help) + "\n";
        }
        if (names != NamesOf::nothing) script += "            " + asked(names) + "\n";
        script += "        ) ;;\n";
    }
    return script +
           "        esac ;;\n"
           "    esac\n"
           "    _describe wrapup found || _files\n"
           "}\n"
           "compdef _wrapup wrapup\n";
}

std::string fish_script(const std::vector<Place>& places) {
    const auto values_text = [](const Values& values) {
        return values.names_of == NamesOf::nothing
                   ? joined(values.words)
                   : "(__wrapup_names " + std::string(word_of(values.names_of)) + ")";
    };
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
        "end\n"
        "function __wrapup_names\n"
        "    set -l server\n"
        "    set -l before ''\n"
        "    for word in (commandline -opc)\n"
        "        if contains -- $before --profile --url --token-file\n"
        "            set -a server $before $word\n"
        "        end\n"
        "        set before $word\n"
        "    end\n"
        "    wrapup $server completion --names $argv[1] 2>/dev/null\n"
        "end\n";
    for (const Place& place : places) {
        const std::string begin = "complete -c wrapup -n \"__wrapup_at '" + place.path + "'\" ";
        const auto described = [](const Word& word) {
            std::string help = word.help;
            std::ranges::replace(help, '\'', '"');
            return help.empty() ? "\n" : " -d '" + help + "'\n";
        };
        for (const Word& word : place.commands) {
            script += begin + "-a " + word.text + described(word);
        }
        if (place.argument.are_known()) {
            script += begin + "-f -a '" + values_text(place.argument) + "'\n";
        }
        for (const Option& option : place.options) {
            script += begin + "-l " + option.name.text.substr(2);
            if (option.has_value && option.values.is_file) script += " -r";
            if (option.has_value && !option.values.is_file) script += " -x";
            if (option.values.are_known()) script += " -a '" + values_text(option.values) + "'";
            script += described(option.name);
        }
    }
    return script;
}

// A shell would read more than a name in others.
bool is_plain_name(const std::string& name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_' || c == '.';
    });
}

int print_names(Console& console, const CommandLine& line, const std::string& of) {
    std::vector<std::string> names;
    if (of == word_of(NamesOf::profiles)) {
        names = profile_names();
    } else {
        const auto client = open_api(console, line);
        const auto answer =
            client ? client->get("/api/destinations") : Result<ApiAnswer>(client.error());
        if (!answer) return unusable(console, answer.error().detail);
        const auto parsed = parse_answer_json(answer->body);
        if (answer->status != 200 || !parsed) return refused(console, *answer);
        for (const auto& one : list_member(*parsed, {"destinations"})) {
            names.push_back(text_member(one, {"name"}));
        }
    }
    for (const std::string& name : names) {
        if (is_plain_name(name)) console.out << name << "\n";
    }
    return exit_ok;
}

struct CompletionOptions {
    std::string shell;
    std::string names_of;
};

int complete(Console& console, const CommandLine& line, const CompletionOptions& options) {
    if (!options.names_of.empty()) return print_names(console, line, options.names_of);
    std::vector<Place> places;
    add_places(places, "", all_commands(), {});
    if (options.shell == "bash") {
        console.out << bash_script(places);
    } else if (options.shell == "zsh") {
        console.out << zsh_script(places);
    } else if (options.shell == "fish") {
        console.out << fish_script(places);
    } else {
        return unusable(console, "SHELL is bash, zsh or fish");
    }
    return exit_ok;
}

}  // namespace

CommandSpec completion_command() {
    const auto options = std::make_shared<CompletionOptions>();
    CommandSpec command{"completion", "Complete commands in bash, zsh, fish", notes, {}, {}, {}};
    command.options = {
        {"SHELL", "", "bash, zsh or fish", &options->shell, false, "", {"bash", "zsh", "fish"}},
        {"--names",
         "OF",
         "Those of profiles or destinations, for the scripts",
         &options->names_of,
         false,
         "",
         {"profiles", "destinations"}}};
    command.run = [options](Console& console, const CommandLine& line) {
        return complete(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
