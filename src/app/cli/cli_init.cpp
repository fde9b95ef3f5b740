#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <ostream>
#include <set>

#include "adapters/files/small_file.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/init_questions.hpp"
#include "app/config/env_file.hpp"
#include "app/config/env_writer.hpp"
#include "app/config/exposure.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr const char* notes =
    R"(Asks for the address, Twilio, ElevenLabs, the CRM and the dialler's MongoDB,
checks each answer at once against the service (the CRM is connected to and told
nothing), writes .env in this folder, which nobody else can read (but the group
that alone could before, which is told), and says what to paste where. Enter
keeps what is there, - takes it away. Other lines of a .env that is there stay
as they are, and what the .env.example beside it sets is added; a new one begins
as that. Secrets are not shown. Ctrl-C leaves everything as it was.

With --yes nobody is asked: answers come from the environment and the file, and
nothing is written when a service refuses one, or is away; with --unchecked none
is asked.

Examples:
  wrapup init
  wrapup init --file /etc/wrapup/.env
  SERVER_URL=https://... TWILIO_ACCOUNT_SID=AC... TWILIO_AUTH_TOKEN=... \
    CRM_WEBHOOK_URL=https://... wrapup init --yes
  wrapup init --unchecked       asks no service)";

constexpr const char* private_targets = "WRAPUP_ALLOW_PRIVATE_TARGETS";

struct InitOptions {
    std::string file = ".env";
    bool is_agreed = false;
    bool is_unchecked = false;
};

class Init {
public:
    Init(Console& console, const CommandLine& line, const InitOptions& options, SettingsInput input)
        : console_(console), line_(line), options_(options), input_(std::move(input)) {
        is_there_ = input_.env_file.has_value();
        // The example says what each line is for, and what a package sets.
        auto example = read_small_file(options.file + ".example");
        if (!example) return;
        if (is_there_) {
            take_what_is_missing(*example);
        } else {
            input_.env_file = *std::move(example);
        }
    }

    int run() {
        if (is_there_ && !options_.is_agreed &&
            !console_.confirm(options_.file + " is there. Change it? (Other lines stay.)")) {
            return failed(console_, "nothing was written");
        }
        if (options_.is_agreed) return take();
        console_.err << "Enter keeps what is in brackets, - takes it away.\n";
        for (const InitStep& step : init_steps()) {
            if (const int code = ask(step); code != exit_ok) return code;
        }
        return write();
    }

private:
    // A file that was brought along does not know where the package keeps the state.
    void take_what_is_missing(std::string_view example) {
        for (const EnvEntry& entry : parse_env_file(example).entries) {
            if (entry.value.empty() || !current(entry.name).empty()) continue;
            answer(entry.name, entry.value);
            console_.err << "  ✓ "
                         << wrapped(terminal_text(entry.name + "=" + entry.value + ", as " +
                                                  options_.file + ".example has it"),
                                    74, 4)
                         << "\n";
        }
    }

    std::string current(const std::string& name) const {
        const auto found = input_.environment.find(name);
        if (found != input_.environment.end()) return found->second;
        std::string value;
        for (const EnvEntry& entry : parse_env_file(input_.env_file.value_or("")).entries) {
            if (entry.name == name) value = entry.value;
        }
        return value;
    }

    // What is wrong with the form of these answers.
    std::vector<Finding> misfits(const InitStep& step, const InspectedSettings& inspected) const {
        std::vector<Finding> found;
        for (const SettingProblem& problem : inspected.problems) {
            const bool is_its = std::ranges::find(step.questions, problem.name,
                                                  &InitQuestion::name) != step.questions.end();
            if (is_its) found.push_back({Finding::Level::broken, told(problem), ""});
        }
        return found;
    }

    // An answer stands in no line of the file yet.
    std::string told(const SettingProblem& problem) const {
        const std::size_t from = problem.text.find(" (.env line ");
        const std::size_t to = problem.text.find(')', from);
        const bool is_answer = !is_there_ || answered_.contains(problem.name);
        if (!is_answer || to == std::string::npos) return problem.text;
        return std::string(problem.text).erase(from, to + 1 - from);
    }

    struct Check {
        bool is_good = true;        // False: something does not work as it is.
        bool is_of_service = true;  // False: the answers' form is wrong, and no service was asked.
        bool wants_private = false;
        std::vector<Finding> broken;
    };

    Check check(const InitStep& step) {
        const InspectedSettings inspected = inspect_settings(input_);
        std::vector<Finding> found = misfits(step, inspected);
        Check result;
        result.is_of_service = found.empty();
        if (found.empty() && !options_.is_unchecked) found = step.check(inspected.settings);
        for (const Finding& one : found) {
            const bool is_broken = one.level == Finding::Level::broken;
            result.is_good = result.is_good && !is_broken;
            result.wants_private =
                result.wants_private || one.advice.find(private_targets) != std::string::npos;
            if (is_broken) result.broken.push_back(one);
            note(one);
        }
        console_.err.flush();
        return result;
    }

    void note(const Finding& one) {
        const bool is_good = one.level != Finding::Level::broken;
        checks_.push_back({{"ok", is_good}, {"text", one.text}, {"advice", one.advice}});
        tell(one);
    }

    // Who asked for JSON and is asked nothing has it in the document.
    bool is_for_program() const { return line_.is_json && options_.is_agreed; }

    int refuse(const std::string& why) {
        if (!is_for_program()) return failed(console_, why);
        console_.err << json::serialize(json::object{{"type", "about:blank"},
                                                     {"title", "Error"},
                                                     {"detail", why},
                                                     {"checks", checks_}})
                     << std::endl;
        return exit_failed;
    }

    void tell(const Finding& one) {
        if (is_for_program()) return;
        const bool is_broken = one.level == Finding::Level::broken;
        const bool is_note = one.level == Finding::Level::note;
        console_.err << (is_broken ? "  ✗ "
                         : is_note ? "  ! "
                                   : "  ✓ ")
                     << wrapped(terminal_text(one.text), 74, 4) << "\n";
        if (one.advice.empty() || one.level == Finding::Level::good) return;
        console_.err << "    -> " << wrapped(terminal_text(one.advice), 70, 7) << "\n";
    }

    // Says of every answer what is wrong with it, not of the first alone.
    int take() {
        bool is_good = true;
        bool is_of_service = true;
        for (const InitStep& step : init_steps()) {
            for (const InitQuestion& question : step.questions) {
                const std::string value = current(question.name);
                if (!value.empty()) answer(question.name, value);
            }
            const Check checked = check(step);
            is_good = is_good && checked.is_good;
            is_of_service = is_of_service && checked.is_of_service;
        }
        if (is_good) return write();
        return refuse(is_of_service ? "nothing was written; --unchecked writes it unasked"
                                    : "nothing was written");
    }

    // From here on it counts as if it stood in the file alone.
    void answer(const std::string& name, const std::string& value) {
        answered_.insert(name);
        input_.environment.erase(name);
        input_.env_file = with_env_values(input_.env_file.value_or(""), {{name, value}});
    }

    int ask(const InitStep& step) {
        for (;;) {
            const SettingsInput input_before = input_;
            const std::set<std::string> answered_before = answered_;
            for (const InitQuestion& question : step.questions) {
                if (!ask(question)) return failed(console_, "nothing was written");
            }
            Check checked = check(step);
            if (checked.wants_private &&
                console_.confirm("  Allow private addresses (" + std::string(private_targets) +
                                 "=true)?")) {
                answer(private_targets, "true");
                checked = check(step);
            }
            if (checked.is_good || console_.confirm("  Keep it nonetheless?")) {
                kept_.insert(kept_.end(), checked.broken.begin(), checked.broken.end());
                return exit_ok;
            }
            // A refused answer is none that Enter keeps.
            input_ = input_before;
            answered_ = answered_before;
        }
    }

    // False: there is nobody who answers any more.
    bool ask(const InitQuestion& question) {
        const std::string before = current(question.name);
        std::string shown;
        if (!before.empty()) shown = question.is_secret ? " [set]" : " [" + before + "]";
        const auto typed = console_.ask("\n" + wrapped(question.text, 78, 0) + "\n" +
                                            question.name + terminal_text(shown) + ": ",
                                        question.is_secret);
        if (!typed) return false;
        std::string value(trim(*typed));
        if (value.empty()) value = before;
        if (value == "-") value.clear();
        if (!value.empty() || !before.empty()) answer(question.name, value);
        return true;
    }

    int write() {
        const InspectedSettings inspected = inspect_settings(input_);
        for (const SettingProblem& problem : inspected.problems) {
            note({Finding::Level::broken, told(problem), ""});
        }
        if (!inspected.problems.empty()) {
            const bool is_wanted =
                !options_.is_agreed && console_.confirm("  Write it nonetheless?");
            if (!is_wanted) return refuse("nothing was written");
        }
        const auto open_before = find_exposure(options_.file);
        const auto written = write_private_file(options_.file, input_.env_file.value_or(""));
        if (!written) return failed(console_, written.error().detail);
        const bool is_running = !ask_running_server(inspected.settings, "/api/settings").empty();
        const std::string next = next_steps(inspected.settings, is_running);
        const std::vector<std::string> left = what_is_left(inspected.settings, open_before);
        if (line_.is_json) {
            console_.out << json::serialize(json::object{{"file", options_.file},
                                                         {"checks", checks_},
                                                         {"next", next},
                                                         {"notes", json::value_from(left)}})
                         << "\n";
        } else {
            console_.out << "\nWrote " << terminal_text(options_.file) << ".\n\n" << next;
        }
        console_.out.flush();
        if (is_for_program()) return exit_ok;
        for (const std::string& one : left) {
            console_.err << wrapped(terminal_text(one), 78, 0) << "\n";
        }
        if (kept_.empty()) return exit_ok;
        console_.err << "Kept, though it does not work yet:\n";
        for (const Finding& one : kept_) tell(one);
        return exit_ok;
    }

    std::vector<std::string> what_is_left(const Settings& settings,
                                          const std::optional<Exposure>& before) const {
        std::vector<std::string> left;
        const auto now = find_exposure(options_.file);
        if (now) {
            left.push_back(options_.file + " has the mode " + now->mode +
                           ": its group can read it, as before.");
        } else if (before) {
            left.push_back(options_.file + " had the mode " + before->mode +
                           ", and nobody but its owner can read it now (0600): see that whoever "
                           "else did needs it no more.");
        }
        std::string unwritten;
        const EnvFile file = parse_env_file(input_.env_file.value_or(""));
        for (const EffectiveSetting& setting : settings.effective) {
            const bool is_in_file = std::ranges::find(file.entries, setting.name,
                                                      &EnvEntry::name) != file.entries.end();
            if (setting.source != "environment" || is_in_file) continue;
            unwritten += (unwritten.empty() ? "" : ", ") + setting.name;
        }
        if (!unwritten.empty()) {
            left.push_back("In the environment, and not in the file: " + unwritten +
                           ". wrapup serve needs them there too.");
        }
        return left;
    }

    Console& console_;
    const CommandLine& line_;
    const InitOptions& options_;
    SettingsInput input_;
    bool is_there_ = false;
    std::set<std::string> answered_;  // By the settings' names.
    json::array checks_;
    std::vector<Finding> kept_;  // What is broken and was kept nonetheless.
};

int init(Console& console, const CommandLine& line, const InitOptions& options) {
    if (!options.is_agreed && (!console.ask || !console.confirm)) {
        return unusable(console,
                        "nobody sits at a terminal: add --yes, and give the answers in the "
                        "environment");
    }
    auto input = console.read_settings();
    if (!input) return unusable(console, input.error().detail);
    const auto text = read_small_file(options.file);
    if (!text && text.error().code != Errc::not_found) {
        return failed(console, options.file + ": " + text.error().detail);
    }
    input->env_file = text ? std::optional<std::string>(*text) : std::nullopt;
    return Init(console, line, options, *std::move(input)).run();
}

}  // namespace

CommandSpec init_command() {
    const auto options = std::make_shared<InitOptions>();
    CommandSpec command{"init", "Ask for the settings, check them, write .env", notes, {}, {}, {}};
    command.options = {
        {"--file", "FILE", "The file that is written (.env)", &options->file, false, ""},
        {"--yes", "", "Do not ask: take the environment and the file", &options->is_agreed, false,
         ""},
        {"--unchecked", "", "Ask no service", &options->is_unchecked, false, ""}};
    command.run = [options](Console& console, const CommandLine& line) {
        return init(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
