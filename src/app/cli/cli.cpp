#include "app/cli/cli.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <utility>

#include "app/cli/calls_search.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/json_errors.hpp"
#include "app/cli/next_commands.hpp"
#include "app/cli/option_values.hpp"
#include "app/cli/short_time.hpp"
#include "app/cli/terminal_input.hpp"
#include "app/config/settings_input.hpp"
#include "app/program/version.hpp"
#include "base/console_text.hpp"
#include "base/nearest_word.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr const char* first_steps = R"(First steps:
  0. wrapup demo                a minute of simulated calls, no accounts needed
  1. wrapup init                asks for Twilio, ElevenLabs and the CRM, checks
                                each, writes .env, says what to paste where
  2. wrapup serve               starts the service
  3. wrapup trigger --dry-run   sends a test through SERVER_URL, step by step
  4. wrapup status              what is wrong, and the next command
     wrapup doctor              checks everything, says what to do
  5. wrapup calls               the newest calls
     wrapup show SID            one call's whole story
     wrapup ledger              whether every call of the day is accounted for

`wrapup COMMAND --help` explains a command with examples.
Rows go to the output, everything else to the error output. With --json an error
is a problem document (RFC 9457). Exit codes: 0 done, 1 failed or refused,
2 wrong usage or settings, or no server to ask.)";

using Run = std::function<int(Console&, const CommandLine&)>;

void add_option(CLI::App& parser, const OptionSpec& spec) {
    CLI::Option* option = nullptr;
    if (auto* const* flag = std::get_if<bool*>(&spec.target)) {
        option = parser.add_flag(spec.name, **flag, spec.help);
    } else if (auto* const* number = std::get_if<std::uint64_t*>(&spec.target)) {
        option = parser.add_option(spec.name, **number, spec.help)->type_name(spec.type);
    } else if (auto* const* list = std::get_if<std::vector<std::string>*>(&spec.target)) {
        option = parser.add_option(spec.name, **list, spec.help)->type_name(spec.type);
        // `--map a=b FILE`: the file is no second value of --map.
        if (!option->get_positional()) option->allow_extra_args(false);
    } else {
        auto& text = *std::get<std::string*>(spec.target);
        option = parser.add_option(spec.name, text, spec.help)->type_name(spec.type);
    }
    option->required(spec.is_required);
    if (!spec.values.empty()) {
        const auto take = [values = spec.values](std::string& text) {
            auto value = value_meant(values, text);
            if (!value) return value.error().detail;
            text = *std::move(value);
            return std::string();
        };
        option->transform(CLI::Validator(take, ""));
    }
    if (!spec.excludes.empty()) option->excludes(parser.get_option(spec.excludes));
}

// --help of a command lists its own alone.
std::string every_commands_options() {
    CommandLine unused;
    std::string names;
    for (const OptionSpec& option : common_options(unused)) {
        names += (names.empty() ? "" : ", ") + option.name;
    }
    return "Every command has " + names + ", too.\n\n";
}

// `chosen` becomes what the command that was given does.
void add_command(CLI::App& parent, const CommandSpec& spec, Run& chosen) {
    CLI::App* parser = parent.add_subcommand(spec.name, spec.help);
    parser->footer(every_commands_options() + spec.notes);
    for (const auto& option : spec.options) add_option(*parser, option);
    for (const auto& command : spec.commands) add_command(*parser, command, chosen);
    if (!spec.commands.empty()) parser->require_subcommand(1);
    if (spec.run) parser->callback([&chosen, run = spec.run] { chosen = run; });
}

void add_commands(CLI::App& parser, CommandLine& line, Run& chosen) {
    parser.footer(first_steps);
    parser.require_subcommand(1);
    parser.fallthrough();
    parser.get_formatter()->column_width(28);
    parser.set_version_flag("-V,--version", "wrapup " + std::string(version()),
                            "Print the version and exit");
    for (const auto& option : common_options(line)) add_option(parser, option);
    for (const auto& command : all_commands()) {
        add_command(parser, command, chosen);
    }
}

// Whether the word behind this option is its value.
bool takes_next(const CLI::App& command, const std::string& option) {
    for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
        const CLI::Option* const known = at->get_option_no_throw(option);
        if (known != nullptr) return known->get_items_expected_max() > 0;
    }
    return false;
}

// The command that these words name, as far as they do.
struct Place {
    const CLI::App* command;
    std::string unknown;  // The word in a command's place that is none.
};
Place find_place(const CLI::App& parser, const std::vector<std::string>& given) {
    Place place{&parser, {}};
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string& word = given[i];
        if (place.command->get_require_subcommand_min() == 0) break;
        if (word.starts_with('-')) {
            if (takes_next(*place.command, word)) ++i;
            continue;
        }
        const auto below = place.command->get_subcommands(
            [&](const CLI::App* sub) { return sub->check_name(word); });
        if (below.empty()) return {place.command, word};
        place.command = below.front();
    }
    return place;
}

std::string full_name(const CLI::App& command) {
    if (command.get_parent() == nullptr) return command.get_name();
    return full_name(*command.get_parent()) + " " + command.get_name();
}

// The options that may stand there: its own, and those of the commands above it.
std::vector<std::string> option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
        for (const CLI::Option* option : at->get_options()) {
            for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
            for (const std::string& name : option->get_snames()) names.push_back("-" + name);
        }
    }
    return names;
}

std::string did_you_mean(const std::vector<std::string>& meant) {
    return meant.empty() ? std::string() : "; did you mean " + joined_with_or(meant) + "?";
}

// Of one letter those that begin so, of a word the nearest.
std::vector<std::string> options_meant(const CLI::App& command, const std::string& name) {
    constexpr std::size_t of_letter = 2;
    const std::vector<std::string> known = option_names(command);
    if (name.size() > of_letter) {
        const auto nearest = nearest_word(name, known);
        return nearest ? std::vector<std::string>{*nearest} : std::vector<std::string>{};
    }
    std::vector<std::string> meant;
    for (const std::string& one : known) {
        if (one.size() == of_letter && to_lower(one) == to_lower(name)) return {one};
        if (one.starts_with("-" + name)) meant.push_back(one);
    }
    return meant;
}

using Meaning = std::pair<std::string_view, std::string_view>;
// What people call a command elsewhere.
constexpr Meaning meanings[] = {{"explain", "show"},
                                {"get", "show"},
                                {"inspect", "show"},
                                {"story", "show"},
                                {"find", "calls"},
                                {"search", "calls"},
                                {"list", "calls"},
                                {"ls", "calls"},
                                {"resend", "send"},
                                {"retry", "send"},
                                {"start", "serve"},
                                {"run", "serve"},
                                {"check", "doctor"},
                                {"health", "status"},
                                {"setup", "init"},
                                {"configure", "init"},
                                {"test", "trigger"},
                                {"tail", "calls --follow"},
                                {"log", "calls --follow"},
                                {"logs", "calls --follow"},
                                {"parked", "calls --state parked"}};
constexpr Meaning not_built[] = {
    {"forget", "no command erases a number's data"},
    {"delete", "no command erases a number's data"},
    {"erase", "no command erases a number's data"},
    {"export",
     "wrapup calls --phone NUMBER --all --json prints the calls of a number, and wrapup "
     "show SID --json each of them"}};

// What is wrong with a command that there is not.
std::string unknown_command(const CLI::App& parent, const std::string& word) {
    const std::string unknown = "there is no command " + word;
    std::vector<std::string> names;
    for (const CLI::App* sub : parent.get_subcommands({})) names.push_back(sub->get_name());
    if (parent.get_parent() != nullptr) {
        const auto nearest = nearest_word(word, names);
        return unknown + did_you_mean(nearest ? std::vector{*nearest} : names);
    }
    for (const auto& [name, instead] : not_built) {
        if (name == word) return word + " is not built yet: " + std::string(instead);
    }
    for (const auto& [name, meant] : meanings) names.emplace_back(name);
    const auto nearest = nearest_word(word, names);
    if (!nearest) return unknown;
    const auto* const found = std::ranges::find(meanings, *nearest, &Meaning::first);
    return unknown +
           did_you_mean({found == std::end(meanings) ? *nearest : std::string(found->second)});
}

// The words that nobody took, as they were typed.
std::string unexpected_words(const CLI::App& command, const std::vector<std::string>& given) {
    const CLI::App* root = &command;
    while (root->get_parent() != nullptr) root = root->get_parent();
    std::vector<std::string> left = root->remaining(true);
    std::string words;
    for (const std::string& word : given) {
        const auto found = std::ranges::find(left, word);
        if (found == left.end()) continue;
        left.erase(found);
        words += (words.empty() ? "" : " ") + word;
    }
    return words;
}

std::string how_to_find(const std::string& words) {
    if (is_written_number(words)) {
        return "; calls of a number: wrapup show \"" + words + "\", or wrapup calls --phone \"" +
               words + "\"";
    }
    const bool is_id = words.starts_with("CA") || words.starts_with("conv_");
    const bool is_one = words.find(' ') == std::string::npos;
    return is_id && is_one ? "; the story of a call: wrapup show " + words : std::string();
}

constexpr const char* no_command = "a command is wanted";

// What is wrong with the arguments. The parser's own words name neither the command that there is
// not nor the option that was meant.
std::string misuse_of(const Place& place, const std::vector<std::string>& given,
                      const CLI::ParseError& error) {
    if (!place.unknown.empty()) return unknown_command(*place.command, place.unknown);
    const auto is = [&](CLI::ExitCodes code) {
        return error.get_exit_code() == static_cast<int>(code);
    };
    const bool wants_more = is(CLI::ExitCodes::RequiredError);
    if (wants_more || is(CLI::ExitCodes::ExtrasError)) {
        const std::vector<std::string> names = option_names(*place.command);
        for (const std::string& word : given) {
            const std::string name = word.substr(0, word.find('='));
            if (name.size() < 2 || !name.starts_with('-')) continue;
            if (std::ranges::find(names, name) != names.end()) continue;
            return "there is no option " + name + did_you_mean(options_meant(*place.command, name));
        }
    }
    if (wants_more && place.command->get_require_subcommand_min() > 0) {
        if (place.command->get_parent() == nullptr) return no_command;
        std::vector<std::string> names;
        for (const CLI::App* sub : place.command->get_subcommands({})) {
            names.push_back(sub->get_name());
        }
        return "a command is wanted: " + joined_with_or(names);
    }
    if (is(CLI::ExitCodes::ExtrasError)) {
        const std::string words = unexpected_words(*place.command, given);
        if (!words.empty()) return "not expected: " + words + how_to_find(words);
    }
    return error.what();
}

// A file that is opened while one of these is closed would get its number, and what is printed
// would go there: the store is such a file.
void open_standard_streams() {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
        // What is written to a closed output fails, as it does where it is full.
        const int mode = stream == STDOUT_FILENO ? O_RDONLY : O_RDWR;
        if (::fcntl(stream, F_GETFD) == -1) (void)::open("/dev/null", mode);
    }
}

// 0: it is no terminal.
std::size_t columns_of(int stream) {
    constexpr std::size_t usual = 80;
    if (::isatty(stream) != 1) return 0;
    winsize size{};
    const bool is_told = ::ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_told ? size.ws_col : usual;
}

// Whoever reads our output has gone, as `head` does: nothing to complain about.
bool has_nobody_reading() {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

// A command whose output could not be written has failed.
int code_of_output(Console& console, int code) {
    errno = 0;
    console.out.flush();
    if (console.out || has_nobody_reading()) return code;
    const std::string why = errno == 0 ? "" : std::string(": ") + std::strerror(errno);
    return failed(console, "the output cannot be written" + why);
}

Console with_streams(const Console& console, std::ostream& out, std::ostream& err) {
    return {out,
            err,
            console.has_colour,
            console.read_settings,
            console.confirm,
            console.ask,
            console.terminal_columns,
            console.has_json_errors,
            console.error_columns,
            console.find_zone};
}

// Whose documents name commands, and hold nothing that others wrote.
bool prints_advice(const std::string& command) {
    return command == "status" || command == "doctor" || command == "trigger";
}

int run_with_json(const Run& chosen, Console& console, const CommandLine& line,
                  const std::string& command) {
    std::string options = server_options(line);
    // They would be no JSON where they stand.
    if (options.find_first_of("\"\\") != std::string::npos) options.clear();
    LineFilter documents = json_output(console.out);
    std::ostream documents_out(&documents);
    LineFilter named = next_commands(documents_out, prints_advice(command) ? options : "");
    std::ostream out(&named);
    LineFilter problems = json_errors(console.err);
    std::ostream problems_err(&problems);
    LineFilter named_in_errors = next_commands(problems_err, options);
    std::ostream err(&named_in_errors);
    Console json_console = with_streams(console, out, err);
    json_console.has_json_errors = true;
    return chosen(json_console, line);
}

// What is printed as others wrote it keeps their words.
bool prints_data(const std::string& command) { return command == "calls" || command == "show"; }

int run_for_people(const Run& chosen, Console& console, const CommandLine& line,
                   const std::string& command) {
    const std::string options = server_options(line);
    if (options.empty()) return chosen(console, line);
    LineFilter named = next_commands(console.out, options);
    std::ostream out(&named);
    LineFilter named_in_errors = next_commands(console.err, options);
    std::ostream err(&named_in_errors);
    Console naming = with_streams(console, prints_data(command) ? console.out : out, err);
    return chosen(naming, line);
}

}  // namespace

std::vector<CommandSpec> all_commands() {
    return {init_command(),       serve_command(),       status_command(),   trigger_command(),
            call_command(),       campaign_command(),    calls_command(),    show_command(),
            send_command(),       destination_command(), replay_command(),   reconcile_command(),
            ledger_command(),     doctor_command(),      import_command(),   migrate_command(),
            demo_command(),       sandbox_command(),     simulate_command(), storybook_command(),
            completion_command(), man_command(),         nodes_command(),    version_command()};
}

std::vector<OptionSpec> common_options(CommandLine& line) {
    return {{"--json", "", "Print data as JSON", &line.is_json, false, ""},
            {"--color",
             "WHEN",
             "auto (a terminal without NO_COLOR), always, never",
             &line.color,
             false,
             "",
             {"auto", "always", "never"}},
            {"--profile",
             "NAME",
             "Settings of ~/.config/wrapup/NAME.env alone",
             &line.profile,
             false,
             "",
             {},
             NamesOf::profiles},
            {"--url", "URL", "The running server (or WRAPUP_URL)", &line.url, false, ""},
            {"--token-file", "FILE", "A file with the API token", &line.token_file, false, ""}};
}

int run_cli(const std::vector<std::string>& arguments, Console& console) {
    CLI::App parser("Puts exactly one record of every finished AI phone call into the CRM.",
                    "wrapup");
    CommandLine line;
    Run chosen;
    add_commands(parser, line, chosen);
    // `wrapup help send` is `wrapup send --help`.
    std::vector<std::string> given = arguments;
    if (!given.empty() && given.front() == "help") {
        given.erase(given.begin());
        const auto is_named = [&](const CLI::App* one) { return one->check_name(given.front()); };
        const bool is_known = given.empty() || given.front().starts_with('-') ||
                              !parser.get_subcommands(is_named).empty();
        if (is_known) given.emplace_back("--help");
    }
    try {
        // The parser takes the arguments from the back.
        parser.parse(std::vector<std::string>(given.rbegin(), given.rend()));
    } catch (const CLI::ParseError& error) {
        const Place place = find_place(parser, given);
        if (error.get_exit_code() == 0 && place.unknown.empty()) {
            (void)parser.exit(error, console.out, console.err);
            return code_of_output(console, exit_ok);
        }
        const std::string why = misuse_of(place, given, error);
        if (std::ranges::find(given, "--json") != given.end()) {
            console.err << problem_line(terminal_text(why));
        } else {
            complain(console, why);
            if (why == no_command) {
                console.err << "\n" << parser.help();
            } else {
                console.err << "Run `" << full_name(*place.command) << " --help` for more.\n";
            }
        }
        return exit_unusable;
    }
    WRAPUP_ASSERT(chosen);
    if (!line.profile.empty()) {
        if (const auto open_to = find_profile_exposure(line.profile)) {
            console.err << terminal_text(open_to->path.string()) << " has the mode "
                        << open_to->mode << ", and a token in it: chmod 600 "
                        << shell_word(open_to->path.string()) << "\n";
        }
        console.read_settings = [name = line.profile] { return read_profile(name); };
    }
    console.find_zone = [at = console, line, found = std::optional<TimeZone>()]() mutable {
        if (!found) found = find_zone(at, line);
        return *found;
    };
    if (line.color != "auto") console.has_colour = line.color == "always";
    const auto run = [&](Console& at, const CommandLine& given_line) {
        return code_of_output(at, chosen(at, given_line));
    };
    const std::string command = parser.get_subcommands().front()->get_name();
    return line.is_json ? run_with_json(run, console, line, command)
                        : run_for_people(run, console, line, command);
}

int run_program(int argc, char** argv) try {
    open_standard_streams();
    // A file that may not grow is a disk that is full: the write fails, and says so.
    std::signal(SIGXFSZ, SIG_IGN);
    const char* no_color = std::getenv("NO_COLOR");
    const std::size_t columns = columns_of(STDOUT_FILENO);
    Console console{std::cout, std::cerr, columns > 0 && (no_color == nullptr || *no_color == '\0'),
                    read_settings_input};
    console.terminal_columns = columns;
    console.error_columns = columns_of(STDERR_FILENO);
    if (::isatty(STDIN_FILENO) == 1) {
        console.confirm = [](const std::string& question) {
            std::cerr << question << " [y/N] " << std::flush;
            std::string answer;
            std::getline(std::cin, answer);
            return answer == "y" || answer == "Y" || answer == "yes";
        };
        console.ask = ask_at_terminal;
    }
    return run_cli(std::vector<std::string>(argv + 1, argv + argc), console);
} catch (const std::exception& error) {
    // No threads, no memory, no file left for what every command needs.
    std::cerr << "wrapup: " << error.what() << "\n";
    return exit_failed;
}

}  // namespace wrapup
