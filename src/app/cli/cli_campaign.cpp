#include "app/cli/cli_campaign.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <system_error>
#include <thread>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/list_file.hpp"
#include "app/cli/pace.hpp"
#include "app/cli/short_time.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"
#include "import/import_meter.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::size_t chunk_rows = 1'000;
constexpr std::size_t bad_rows_shown = 20;
constexpr milliseconds look_every{500};
// A restart takes seconds; the list goes on by itself meanwhile.
constexpr seconds restart_patience{30};

std::string path_of(const std::string& campaign, std::string_view rest = "") {
    return "/api/campaigns/" + percent_encode(campaign) + std::string(rest);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// Trouble of a server that is there again in a moment.
bool is_passing(int status) { return status >= 500 && status != 501; }

// As of one call: what was typed is wrong, or it cannot be done.
Errc errc_of(int status) {
    if (is_passing(status)) return Errc::unavailable;
    return status == 400 || status == 501 ? Errc::invalid_input : Errc::conflict;
}

// For questions that may be repeated: asks again for half a minute while nobody answers.
template <class Ask>
Result<ApiAnswer> ask_patiently(Ask ask) {
    const auto give_up_at = std::chrono::steady_clock::now() + restart_patience;
    for (;;) {
        Result<ApiAnswer> answer = ask();
        const bool is_away =
            answer ? is_passing(answer->status) : answer.error().code == Errc::unavailable;
        const bool is_patient = !InterruptNoted::was_interrupted();
        if (!is_away || !is_patient || std::chrono::steady_clock::now() >= give_up_at) {
            return answer;
        }
        std::this_thread::sleep_for(look_every);
    }
}

// ---- The file ----

Result<ListFile> read_file(const ListCallOptions& options) {
    std::error_code trouble;
    if (std::filesystem::is_directory(options.file, trouble)) {
        trouble = std::make_error_code(std::errc::is_a_directory);
    }
    std::ifstream file(options.file, std::ios::binary);
    if (!trouble && !file.is_open()) trouble = {errno, std::generic_category()};
    if (trouble) {
        return Error{Errc::invalid_input, options.file + " cannot be read: " + trouble.message()};
    }
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    auto read = read_list_file(text, options.defaults, options.rules);
    if (!read) return Error{Errc::invalid_input, options.file + read.error().detail};
    return read;
}

// ---- Sending it ----

json::array waits_of(const std::string& text) {
    json::array waits;
    std::size_t at = 0;
    while (at <= text.size() && !text.empty()) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        waits.emplace_back(trim(std::string_view(text).substr(at, comma - at)));
        at = comma + 1;
    }
    return waits;
}

json::object settings_of(const ListCallOptions& options) {
    json::object body;
    const auto put = [&](const char* name, const std::string& value) {
        if (!value.empty()) body[name] = value;
    };
    put("campaign_name", options.campaign_name);
    put("agent_id", options.agent);
    put("from", options.from);
    put("not_before", options.not_before);
    put("not_after", options.not_after);
    if (!options.retry_busy.empty() || !options.retry_no_answer.empty()) {
        body["retry"] = json::object{{"busy", waits_of(options.retry_busy)},
                                     {"no_answer", waits_of(options.retry_no_answer)}};
    }
    return body;
}

// Sent in pieces: a number stands in a list once, so any of them may be sent again.
class ListSender {
public:
    ListSender(Console& console, const ApiClient& client, const ListCallOptions& options,
               ListFile& file)
        : console_(console), client_(client), options_(options), file_(file) {}

    // Whether all rows are good, by the server's rules; names those that are not.
    Result<void> check() {
        WRAPUP_CHECK(send(true));
        std::ranges::sort(file_.bad);
        for (std::size_t i = 0; i < file_.bad.size() && i < bad_rows_shown; ++i) {
            console_.err << terminal_text(options_.file) << " line " << file_.bad[i].first << ": "
                         << terminal_text(file_.bad[i].second) << "\n";
        }
        if (file_.bad.size() > bad_rows_shown) {
            console_.err << "and " << file_.bad.size() - bad_rows_shown << " more bad lines\n";
        }
        if (file_.bad.empty() || (options_.skips_bad && !file_.rows.empty())) return {};
        const bool is_one = file_.bad.size() == 1;
        return Error{Errc::conflict,
                     std::to_string(file_.bad.size()) + (is_one ? " line is" : " lines are") +
                         " bad, and nobody is called: correct " + (is_one ? "it" : "them") +
                         ", or leave " + (is_one ? "it" : "them") + " out with --skip-bad"};
    }
    Result<void> send() { return send(false); }

    std::int64_t accepted = 0;
    std::int64_t known = 0;
    std::int64_t repeated = 0;
    std::map<std::string, std::int64_t> refused;

private:
    Result<void> send(bool is_dry_run) {
        ImportMeter meter(console_.err, is_dry_run ? "checking" : "sending",
                          ::isatty(STDERR_FILENO) == 1);
        for (std::size_t from = 0; from < file_.rows.size(); from += chunk_rows) {
            const std::size_t end = std::min(from + chunk_rows, file_.rows.size());
            json::object body = settings_of(options_);
            json::array calls;
            for (std::size_t i = from; i < end; ++i) calls.push_back(file_.rows[i].call);
            body["calls"] = std::move(calls);
            body["skip_bad"] = true;
            body["dry_run"] = is_dry_run;
            const std::string text = json::serialize(body);
            const auto post = [&] {
                return client_.post(path_of(options_.campaign_id, "/calls"), text);
            };
            WRAPUP_TRY(const ApiAnswer answer, is_dry_run ? post() : ask_patiently(post));
            const auto parsed = parse_answer_json(answer.body);
            const bool is_all_bad =
                answer.status == 400 && parsed && !list_member(*parsed, {"bad"}).empty();
            if (!is_all_bad && (answer.status < 200 || answer.status > 299 || !parsed)) {
                meter.clear();
                return Error{errc_of(answer.status),
                             in_flags(problem_text(answer.status, answer.body))};
            }
            if (auto taken = take(*parsed, from, is_dry_run); !taken) {
                meter.clear();
                return taken;
            }
            meter.show(end, file_.rows.size());
        }
        meter.clear();
        return {};
    }

    // What is wrong with a row, by the names of whoever wrote the file.
    Result<void> take_bad(const json::value& bad, std::size_t from) {
        const auto row = parse_int(text_member(bad, {"row"})).value_or(1);
        const std::string field = text_member(bad, {"field"});
        const std::string detail = text_member(bad, {"detail"});
        const std::size_t index = from + static_cast<std::size_t>(row) - 1;
        if (index >= file_.rows.size()) return {};
        const ListFile::Row& given = file_.rows[index];
        const bool is_of_flag = field == "time_zone" && !given.has_time_zone;
        if (is_of_flag && !options_.defaults.time_zone.empty()) {
            return Error{Errc::invalid_input, "--time-zone: " + detail};
        }
        const std::string column(file_.column_of(field));
        file_.bad.emplace_back(given.line, field.empty() ? detail : column + ": " + detail);
        return {};
    }

    Result<void> take(const json::value& answer, std::size_t from, bool is_dry_run) {
        if (is_dry_run) {
            for (const json::value& bad : list_member(answer, {"bad"})) {
                WRAPUP_CHECK(take_bad(bad, from));
            }
            if (!options_.is_dry_run) return {};
        }
        accepted += parse_int(text_member(answer, {"accepted"})).value_or(0);
        known += parse_int(text_member(answer, {"already_in_list"})).value_or(0);
        repeated += parse_int(text_member(answer, {"repeated"})).value_or(0);
        const json::value spared = member(answer, {"refused"});
        if (!spared.is_object()) return {};
        for (const auto& [code, count] : spared.get_object()) {
            refused[std::string(code.data(), code.size())] +=
                count.is_int64() ? count.get_int64() : 0;
        }
        return {};
    }

    Console& console_;
    const ApiClient& client_;
    const ListCallOptions& options_;
    ListFile& file_;
};

// How to end where a column's meaning is doubtful and nobody agreed.
std::optional<int> code_without_consent(Console& console, const ListCallOptions& options,
                                        const ListFile& file) {
    for (const std::string& doubt : file.doubts) console.err << doubt << "\n";
    if (file.doubts.empty() || options.is_dry_run || options.is_confirmed) return {};
    if (!console.confirm) {
        return unusable(console, "nobody is called: say --map, or --yes to call them nevertheless");
    }
    if (console.confirm("Call them nevertheless?")) return {};
    console.err << "Nobody is called." << std::endl;
    return exit_failed;
}

int failed_list(Console& console, const Error& error) {
    if (error.code == Errc::invalid_input) return unusable(console, error.detail);
    const bool may_repeat = error.code == Errc::unavailable;
    return failed(console,
                  error.detail + (may_repeat ? "; run it again: nobody is called twice" : ""));
}

void print_sent(Console& console, const CommandLine& line, const ListCallOptions& options,
                const ListSender& sender, std::size_t bad_count) {
    if (line.is_json && (options.is_dry_run || options.is_left_alone)) {
        json::object refused;
        for (const auto& [code, count] : sender.refused) refused[code] = count;
        const json::object sent{{"accepted", sender.accepted}, {"already_in_list", sender.known},
                                {"bad_count", bad_count},      {"repeated", sender.repeated},
                                {"refused", refused},          {"dry_run", options.is_dry_run}};
        console.out << json::serialize(sent) << std::endl;
    }
    if (line.is_json) return;
    console.out << terminal_text(options.file) << ": " << sender.accepted << " to be called, "
                << sender.known << " in the list already, " << bad_count << " bad";
    if (sender.repeated > 0) console.out << ", " << sender.repeated << " repeated";
    for (const auto& [code, count] : sender.refused) {
        console.out << ", " << count << " " << terminal_text(code);
    }
    console.out << (options.is_dry_run ? "\nA dry run: nobody is called." : "") << std::endl;
}

// ---- Following it ----

std::int64_t number_in(const json::value& answer, const char* path) {
    return parse_int(text_member(answer, {path})).value_or(0);
}

// Why nobody is called now; empty: it is the next one's turn.
std::string wait_of(const json::value& list, const ListTimes& times) {
    const std::string until = times.of(list, {"waits_until"});
    if (until.empty()) return "";
    return "waits for " + text_member(list, {"waits_for"}) + " until " + until;
}

void print_list(Console& console, const json::value& list) {
    console.out << terminal_text(text_member(list, {"name"})) << ": "
                << terminal_text(text_member(list, {"state"}));
    const std::string reason = text_member(list, {"reason"});
    if (!reason.empty()) console.out << " (" << terminal_text(reason) << ")";
    console.out << ", " << number_in(list, "rows.done") << " of " << number_in(list, "rows.total")
                << " done, " << number_in(list, "rows.calling") << " calling, "
                << number_in(list, "rows.waiting") << " waiting, " << number_in(list, "attempts")
                << " attempts";
    const std::int64_t refused = number_in(list, "refused_attempts");
    if (refused > 0) console.out << " (" << refused << " refused by Twilio)";
    console.out << "\n";
    const std::string next = text_member(list, {"next"});
    if (!next.empty()) console.out << "  -> " << terminal_text(next) << "\n";
    const std::string wait = wait_of(list, ListTimes(console));
    if (!wait.empty()) console.out << "  the next number " << terminal_text(wait) << "\n";
    const json::value outcomes = member(list, {"outcomes"});
    if (!outcomes.is_object()) return;
    for (const auto& [name, count] : outcomes.get_object()) {
        console.out << "  " << terminal_text(std::string_view(name.data(), name.size())) << "  "
                    << terminal_text(json::serialize(count)) << "\n";
    }
}

// To somebody who cannot follow it any more.
std::string goes_on(const std::string& campaign) {
    return " The list goes on by itself as soon as wrapup runs: wrapup campaign follow " +
           shell_word(campaign) + ". To send the file again is safe: nobody is called twice.";
}

// What stands beside the bar.
class ListWords {
public:
    explicit ListWords(std::string campaign) : campaign_(std::move(campaign)) {}

    std::string of(const json::value& list, const std::string& wait) {
        const std::int64_t done = number_in(list, "rows.done");
        const std::int64_t total = number_in(list, "rows.total");
        if (done_before_ < 0) done_before_ = done;
        const auto elapsed = std::chrono::steady_clock::now() - begun_at_;
        const auto todo = static_cast<double>(std::max<std::int64_t>(total - done_before_, 1));
        const std::int64_t done_since = done - done_before_;
        const std::string pace =
            pace_text({done_since, static_cast<double>(done_since) / todo, elapsed});
        std::string words = campaign_ + ", " + text_member(list, {"state"});
        for (const std::string& more : {wait, wait.empty() ? pace : std::string()}) {
            if (!more.empty()) words += ", " + more;
        }
        return words;
    }

private:
    std::string campaign_;
    std::int64_t done_before_ = -1;
    std::chrono::steady_clock::time_point begun_at_ = std::chrono::steady_clock::now();
};

int follow_list(Console& console, const CommandLine& line, const ApiClient& client,
                const std::string& campaign) {
    ImportMeter meter(console.err, campaign, ::isatty(STDERR_FILENO) == 1);
    ListWords words(campaign);
    const ListTimes times(console);
    const InterruptNoted interrupt;
    bool was_there = false;
    for (;;) {
        const auto get = [&] { return client.get(path_of(campaign)); };
        const auto answer = was_there ? ask_patiently(get) : get();
        const auto list = answer ? parse_answer_json(answer->body)
                                 : Result<json::value>(Error{Errc::unavailable, ""});
        if (!answer || answer->status != 200 || !list) {
            meter.clear();
            const std::string why =
                answer ? problem_text(answer->status, answer->body) : answer.error().detail;
            return failed(console, why + (was_there ? goes_on(campaign) : ""));
        }
        was_there = true;
        const std::string state = text_member(*list, {"state"});
        const bool is_idle = number_in(*list, "rows.calling") == 0;
        const std::string wait = is_idle ? wait_of(*list, times) : "";
        meter.say(words.of(*list, wait));
        meter.show(static_cast<std::size_t>(number_in(*list, "rows.done")),
                   static_cast<std::size_t>(number_in(*list, "rows.total")));
        if (is_idle && state != "active") {
            meter.clear();
            if (line.is_json) {
                console.out << answer->body << "\n";
            } else {
                print_list(console, *list);
            }
            return state == "done" ? exit_ok : exit_failed;
        }
        if (InterruptNoted::was_interrupted()) {
            meter.clear();
            const std::string word = shell_word(campaign);
            console.err << "Interrupted: the list goes on by itself. wrapup campaign follow "
                        << word << " watches again, wrapup campaign pause " << word
                        << " holds it.\n";
            return exit_failed;
        }
        std::this_thread::sleep_for(look_every);
    }
}

int ask_of_list(Console& console, const CommandLine& line, const std::string& campaign,
                const std::string& verb) {
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    if (verb == "follow") return follow_list(console, line, *client, campaign);
    const auto answer = verb == "show" ? client->get(path_of(campaign))
                                       : client->post(path_of(campaign, "/" + verb), "{}");
    if (!answer) return unusable(console, answer.error().detail);
    const auto list = parse_answer_json(answer->body);
    if (answer->status != 200 || !list) {
        return refused(console, *answer);
    }
    if (text_member(*list, {"state"}).empty()) return misshapen(console, "state");
    if (line.is_json) {
        console.out << answer->body << "\n";
    } else {
        print_list(console, *list);
        const bool is_held = verb == "pause" || verb == "cancel";
        if (is_held && text_member(*list, {"state"}) == "done") {
            console.out << "All its calls are done: there is nothing left to " << verb << ".\n";
        } else if (is_held && flag_member(*list, {"already_over"})) {
            console.out << "It was already over: there was nothing to " << verb << ".\n";
        }
    }
    return exit_ok;
}

CommandSpec verb_command(const std::string& verb, const std::string& help) {
    const auto id = std::make_shared<std::string>();
    CommandSpec command{verb, help, "Example:\n  wrapup campaign " + verb + " spring", {}, {}, {}};
    command.options = {{"ID", "", "The campaign, e.g. spring", id.get(), true, ""}};
    command.run = [id, verb](Console& console, const CommandLine& line) {
        return ask_of_list(console, line, *id, verb);
    };
    return command;
}

}  // namespace

std::string in_flags(std::string problem) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> names{{
        {"retry.busy", "--retry-busy"},
        {"retry.no_answer", "--retry-no-answer"},
        {"not_before", "--not-before"},
        {"not_after", "--not-after"},
        {"time_zone", "--time-zone"},
        {"variables", "--variable"},
        {"campaign_name", "--campaign"},
        {"campaign_id", "--campaign-id"},
        {"agent_id", "--agent"},
        {"from", "--from"},
        {"name", "--name"},
    }};
    for (const auto& [field, flag] : names) {
        const bool is_word = field.find('_') != std::string_view::npos;
        if (is_word || problem.starts_with(std::string(field) + ": ")) {
            problem = replaced(std::move(problem), field, flag);
        }
    }
    return replaced(std::move(problem), R"(["15m","1h"])", "15m,1h");
}

int run_list_call(Console& console, const CommandLine& line, const ListCallOptions& options) {
    auto file = read_file(options);
    const auto client = open_api(console, line);
    if (!file || !client) return unusable(console, (file ? client.error() : file.error()).detail);
    std::ostream& preview = line.is_json ? console.err : console.out;
    preview << terminal_text(options.file) << ": " << file->preview << std::endl;
    if (const auto code = code_without_consent(console, options, *file)) return *code;
    ListSender sender(console, *client, options, *file);
    if (const auto checked = sender.check(); !checked) return failed_list(console, checked.error());
    if (!options.is_dry_run) {
        const auto sent = sender.send();
        if (!sent) return failed_list(console, sent.error());
    }
    print_sent(console, line, options, sender, file->bad.size());
    if (options.is_left_alone || options.is_dry_run) return exit_ok;
    return follow_list(console, line, *client, options.campaign_id);
}

CommandSpec campaign_command() {
    CommandSpec command{"campaign",
                        "Show, pause, resume or cancel a campaign's calls",
                        "Examples:\n  wrapup campaign show spring\n  wrapup campaign pause spring",
                        {},
                        {},
                        {}};
    command.commands = {verb_command("show", "How many were called, and what came of it"),
                        verb_command("follow", "The same, until all are done or it is paused"),
                        verb_command("pause", "Call nobody more for now"),
                        verb_command("resume", "Go on where it was paused"),
                        verb_command("cancel", "Call nobody more; who talks goes on talking")};
    return command;
}

}  // namespace wrapup
