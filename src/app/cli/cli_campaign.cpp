#include "app/cli/cli_campaign.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <ostream>
#include <thread>

#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/interrupt.hpp"
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

constexpr milliseconds look_every{500};
// A restart takes seconds; the list goes on by itself meanwhile.
constexpr seconds restart_patience{30};

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

}  // namespace

std::string campaign_path(const std::string& campaign, std::string_view rest) {
    return "/api/campaigns/" + percent_encode(campaign) + std::string(rest);
}

bool is_passing(int status) { return status >= 500 && status != 501; }

Result<ApiAnswer> ask_patiently(const std::function<Result<ApiAnswer>()>& ask) {
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

int follow_list(Console& console, const CommandLine& line, const ApiClient& client,
                const std::string& campaign) {
    ImportMeter meter(console.err, campaign, ::isatty(STDERR_FILENO) == 1);
    ListWords words(campaign);
    const ListTimes times(console);
    const InterruptNoted interrupt;
    bool was_there = false;
    for (;;) {
        const auto get = [&] { return client.get(campaign_path(campaign)); };
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

namespace {

int ask_of_list(Console& console, const CommandLine& line, const std::string& campaign,
                const std::string& verb) {
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    if (verb == "follow") return follow_list(console, line, *client, campaign);
    const auto answer = verb == "show" ? client->get(campaign_path(campaign))
                                       : client->post(campaign_path(campaign, "/" + verb), "{}");
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

struct CampaignListOptions {
    std::string limit;
    std::string cursor;
};

int list_campaigns(Console& console, const CommandLine& line, const CampaignListOptions& options) {
    const std::string target =
        with_query("/api/campaigns", {{"limit", options.limit}, {"cursor", options.cursor}});
    const auto client = open_api(console, line);
    const auto answer = client ? client->get(target) : Result<ApiAnswer>(client.error());
    if (!answer) return unusable(console, answer.error().detail);
    const auto page = parse_answer_json(answer->body);
    if (answer->status != 200 || !page) return refused(console, *answer);
    if (!member(*page, {"campaigns"}).is_array()) return misshapen(console, "campaigns");
    if (line.is_json) {
        console.out << answer->body << "\n";
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows = {
        {"CAMPAIGN", "NAME", "STATE", "DONE", "CALLING", "WAITING"}};
    for (const auto& one : list_member(*page, {"campaigns"})) {
        std::vector<std::string> row;
        for (const char* const name : {"id", "name", "calls.state", "calls.rows.done",
                                       "calls.rows.calling", "calls.rows.waiting"}) {
            row.push_back(terminal_text(text_member(one, {name})));
        }
        rows.push_back(std::move(row));
    }
    console.out << render_table(rows, console.terminal_columns);
    const std::string cursor = terminal_text(text_member(*page, {"next_cursor"}));
    if (!cursor.empty()) console.err << "More: add --cursor " << cursor << "\n";
    return exit_ok;
}

CommandSpec list_command() {
    const auto options = std::make_shared<CampaignListOptions>();
    CommandSpec command{"list", "All of them", "Example:\n  wrapup campaign list", {}, {}, {}};
    command.options = {
        {"--limit", "N", "At most so many", &options->limit, false, ""},
        {"--cursor", "CURSOR", "Goes on after the page before", &options->cursor, false, ""}};
    command.run = [options](Console& console, const CommandLine& line) {
        return list_campaigns(console, line, *options);
    };
    return command;
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

CommandSpec campaign_command() {
    CommandSpec command{"campaign",
                        "List, show, pause, resume or cancel campaigns' calls",
                        "Examples:\n  wrapup campaign list\n  wrapup campaign show spring\n"
                        "  wrapup campaign pause spring",
                        {},
                        {},
                        {}};
    command.commands = {list_command(),
                        verb_command("show", "How many were called, and what came of it"),
                        verb_command("follow", "The same, until all are done or it is paused"),
                        verb_command("pause", "Call nobody more for now"),
                        verb_command("resume", "Go on where it was paused"),
                        verb_command("cancel", "Call nobody more; who talks goes on talking")};
    return command;
}

}  // namespace wrapup
