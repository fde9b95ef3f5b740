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
#include "app/cli/terminal_input.hpp"
#include "app/config/settings_input.hpp"
#include "app/program/version.hpp"
#include "base/console_text.hpp"
#include "base/nearest_word.hpp"

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
    if (!spec.excludes.empty()) option->excludes(parser.get_option(spec.excludes));
}

// `chosen` becomes what the command that was given does.
void add_command(CLI::App& parent, const CommandSpec& spec, Run& chosen) {
    CLI::App* parser = parent.add_subcommand(spec.name, spec.help);
    parser->footer(spec.notes);
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
    parser.get_option("--color")->check(CLI::IsMember({"auto", "always", "never"}).description(""));
    for (const auto& command : all_commands()) {
        add_command(parser, command, chosen);
    }
}

// The command that these words name, as far as they do.
struct Place {
    const CLI::App* command;
    std::string unknown;  // The word in a command's place that is none.
};
Place find_place(const CLI::App& parser, const std::vector<std::string>& given) {
    Place place{&parser, {}};
    for (const std::string& word : given) {
        if (word.starts_with('-') || place.command->get_require_subcommand_min() == 0) break;
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

std::string with_nearest(std::string words, std::string_view word,
                         const std::vector<std::string>& known) {
    if (const auto nearest = nearest_word(word, known)) words += "; did you mean " + *nearest + "?";
    return words;
}

// What people call a command elsewhere.
std::string command_meant_by(std::string_view word) {
    constexpr std::pair<std::string_view, std::string_view> meant[] = {
        {"explain", "show"},       {"get", "show"},      {"inspect", "show"},
        {"story", "show"},         {"find", "calls"},    {"search", "calls"},
        {"list", "calls"},         {"ls", "calls"},      {"resend", "send"},
        {"retry", "send"},         {"start", "serve"},   {"run", "serve"},
        {"check", "doctor"},       {"health", "status"}, {"setup", "init"},
        {"configure", "init"},     {"test", "trigger"},  {"tail", "calls --follow"},
        {"logs", "calls --follow"}};
    const auto* const found =
        std::ranges::find(meant, word, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(meant) ? std::string() : std::string(found->second);
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

// What is wrong with the arguments. The parser's own words name neither the command that there is
// not nor the option that was meant.
std::string misuse_of(const Place& place, const std::vector<std::string>& given,
                      const CLI::ParseError& error) {
    if (!place.unknown.empty()) {
        const bool is_first = place.command->get_parent() == nullptr;
        const std::string meant = is_first ? command_meant_by(place.unknown) : std::string();
        if (!meant.empty()) {
            return "there is no command " + place.unknown + "; did you mean " + meant + "?";
        }
        std::vector<std::string> names;
        for (const CLI::App* sub : place.command->get_subcommands({})) {
            names.push_back(sub->get_name());
        }
        return with_nearest("there is no command " + place.unknown, place.unknown, names);
    }
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
        const std::vector<std::string> names = option_names(*place.command);
        for (const std::string& word : given) {
            const std::string name = word.substr(0, word.find('='));
            if (name.size() < 2 || !name.starts_with('-')) continue;
            if (std::ranges::find(names, name) != names.end()) continue;
            return with_nearest("there is no option " + name, name, names);
        }
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

std::size_t columns_of_terminal() {
    constexpr std::size_t usual = 80;
    winsize size{};
    const bool is_told = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
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
            console.has_json_errors};
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
            {"--color", "WHEN", "auto (a terminal without NO_COLOR), always, never", &line.color,
             false, ""},
            {"--profile", "NAME", "Settings of ~/.config/wrapup/NAME.env alone", &line.profile,
             false, ""},
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
        if (error.get_exit_code() == 0) {
            (void)parser.exit(error, console.out, console.err);
            return code_of_output(console, exit_ok);
        }
        const Place place = find_place(parser, given);
        const std::string why = terminal_text(misuse_of(place, given, error));
        if (std::ranges::find(given, "--json") != given.end()) {
            console.err << problem_line(why);
        } else {
            console.err << complaint_prefix << why << "\nRun `" << full_name(*place.command)
                        << " --help` for more.\n";
        }
        return exit_unusable;
    }
    WRAPUP_ASSERT(chosen);
    if (!line.profile.empty()) {
        console.read_settings = [name = line.profile] { return read_profile(name); };
    }
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
    const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
    Console console{std::cout, std::cerr, is_terminal && (no_color == nullptr || *no_color == '\0'),
                    read_settings_input};
    if (is_terminal) console.terminal_columns = columns_of_terminal();
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
