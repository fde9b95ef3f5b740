#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <ostream>
#include <thread>
#include <utility>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/given_time.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/option_values.hpp"
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

constexpr const char* notes =
    R"(Says first how many records it concerns, and asks; in a pipe it needs --yes.
Without filters it is about everything that is parked, but not unknown_outcome,
which the CRM may have: --parked unknown_outcome names it. What was accepted is
sent once more only with --again, with the same bytes and keys.

The running server does it, as fast as each CRM takes the records, and goes on
when this command is interrupted, or the server is restarted.

--earlier sends a destination that is new in wrapup.toml the records of calls
that were settled before it was there. --to gives what is parked for one
destination, removed or gone (410), to another that does not have it; the call's
story says where each attempt went. --give-up ends what is parked and need not
be sent: it is owed no more, and waits for nobody; it wants a --reason.

Exit code 1, with --show too: some were not accepted or were skipped, or it was
cancelled or interrupted.

Examples:
  wrapup replay --dry-run
  wrapup replay --parked rejected --after 2026-11-20 --reason "field mended"
  wrapup replay --parked dead --after yesterday --before "2026-11-27 12:00"
  wrapup replay --destination lake --earlier
  wrapup replay --destination old --to crm --yes
  wrapup replay --destination old --give-up --reason "crm has them"
  wrapup replay --list
  wrapup replay --show 3
  wrapup replay --cancel 3)";

constexpr std::chrono::milliseconds poll_every{500};
constexpr std::chrono::seconds restart_patience{60};

struct ReplayOptions {
    std::string state;
    std::string parked;
    std::string destination;
    std::string status;
    std::string campaign;
    std::string after;
    std::string before;
    std::string fingerprint;
    std::string to;
    std::string reason;
    std::string shown;
    std::string cancelled;
    bool is_listed = false;
    bool is_again = false;
    bool is_earlier = false;
    bool gives_up = false;
    bool is_dry_run = false;
    bool is_agreed = false;
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
}

// The API's members by the names that they have here.
std::string in_options(std::string text) {
    replace_all(text, "again: true is wanted", "--again is wanted");
    replace_all(text, "give_up: ", "--give-up: ");
    replace_all(text, "reason: say", "--reason: say");
    replace_all(text, "filter.", "--");
    for (const char* const name : {"destination", "to", "again", "earlier"}) {
        const std::string option = std::string("--") + name;
        replace_all(text, std::string("`") + name + "`", option);
        if (text.starts_with(std::string(name) + ": ")) text.insert(0, "--");
    }
    return text;
}

// "to lake", "to sea instead of lake"; empty when it is about all of them.
std::string to_whom(const ReplayOptions& options) {
    const std::string& from = options.destination;
    if (from.empty()) return {};
    if (options.to.empty()) return " to " + terminal_text(from);
    return " to " + terminal_text(options.to) + " instead of " + terminal_text(from);
}

json::object order_of(const ReplayOptions& options) {
    json::object filter;
    const auto take = [&filter](const char* name, const std::string& value) {
        if (!value.empty()) filter[name] = value;
    };
    take("state", options.state);
    take("parked", options.parked);
    take("destination", options.destination);
    take("status", options.status);
    take("campaign", options.campaign);
    take("after", options.after);
    take("before", options.before);
    take("fingerprint", options.fingerprint);
    json::object order{{"filter", filter}};
    if (options.is_again) order["again"] = true;
    if (options.is_earlier) order["earlier"] = true;
    if (options.gives_up) order["give_up"] = true;
    if (!options.to.empty()) order["to"] = options.to;
    return order;
}

std::int64_t count_in(const json::value& object, std::string_view name) {
    return parse_int(text_member(object, {name})).value_or(0);
}

bool has_count(const json::value& object) {
    return parse_int(text_member(object, {"count"})).has_value();
}

std::string records(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " record" : " records");
}

void print_preview(Console& console, const json::value& preview, const ReplayOptions& options) {
    std::vector<std::vector<std::string>> rows = {{"CALL", "STATUS", "WHY", "CAMPAIGN", "BEGAN"}};
    const ListTimes times(console);
    for (const json::value& call : list_member(preview, {"calls"})) {
        std::vector<std::string> row;
        for (const Names names :
             {Names{"id"}, Names{"status"}, Names{"parked", "state"}, Names{"campaign"}}) {
            row.push_back(terminal_text(text_member(call, names)));
        }
        row.push_back(times.of(call, {"first_event_at"}));
        // The call itself may be delivered elsewhere.
        if (!options.parked.empty()) row.at(2) = options.parked;
        rows.push_back(std::move(row));
    }
    const std::int64_t count = count_in(preview, "count");
    if (rows.size() > 1) console.out << render_table(rows, console.terminal_columns);
    if (std::cmp_greater(count, rows.size() - 1)) console.out << "…\n";
    console.out << records(count) << " in all" << to_whom(options) << ".\n";
    for (const auto& [name, one, many] :
         {std::tuple{"already_there", " more is there already", " more are there already"},
          {"not_wanted", " more is not wanted there (`only`)",
           " more are not wanted there (`only`)"},
          {"destination_lost", " more has a destination that is gone or disabled",
           " more have a destination that is gone or disabled"}}) {
        const std::int64_t left = count_in(preview, std::string("left_out.") + name);
        if (left > 0) console.out << left << (left == 1 ? one : many) << ".\n";
    }
}

// What the CRM may have is not concerned, unless it is named.
void print_unknown(Console& console, const ApiClient& client, ReplayOptions options) {
    const bool is_of_parked = options.state.empty() || options.state == "parked";
    if (!options.parked.empty() || !is_of_parked || options.is_earlier) return;
    options.parked = "unknown_outcome";
    const auto answer = client.post("/api/replays", json::serialize(order_of(options)));
    if (!answer || answer->status != 200) return;
    const auto preview = parse_answer_json(answer->body);
    const std::int64_t count = preview ? count_in(*preview, "count") : 0;
    if (count == 0) return;
    console.out << records(count) << " more the CRM may have already: --parked unknown_outcome "
                << (count == 1 ? "names it.\n" : "names them.\n");
}

// One line: "12 of 40: 10 accepted, 2 failed".
std::string account_of(const json::value& job) {
    const auto count = [&job](std::string_view name) {
        return std::to_string(count_in(job, name));
    };
    std::string text = "Replay " + terminal_text(text_member(job, {"id"})) + " is " +
                       terminal_text(text_member(job, {"state"})) + ": of " +
                       records(count_in(job, "count")) + " " + count("accepted") + " accepted, " +
                       count("failed") + " failed, " + count("skipped") + " skipped, " +
                       count("open") + " on their way";
    const bool is_cancelled = text_member(job, {"state"}) == "cancelled";
    if (is_cancelled && count_in(job, "open") > 0) text += " (these are still sent)";
    if (count_in(job, "given_up") > 0) text += ", " + count("given_up") + " given up";
    text += ".";
    const std::string skipped = text_member(job, {"skipped_because"});
    if (!skipped.empty()) text += "\nSkipped: " + terminal_text(skipped) + ".";
    const std::string reason = text_member(job, {"reason"});
    if (!reason.empty()) text += "\nReason: " + terminal_text(reason);
    return text + "\n";
}

int tell(Console& console, const CommandLine& line, const json::value& job) {
    if (!has_count(job)) return misshapen(console, "count");
    if (text_member(job, {"state"}).empty()) return misshapen(console, "state");
    console.out << (line.is_json ? json::serialize(job) + "\n" : account_of(job));
    const std::string state = text_member(job, {"state"});
    const bool is_whole = count_in(job, "failed") == 0 && count_in(job, "skipped") == 0;
    return is_whole && state != "cancelled" ? exit_ok : exit_failed;
}

Result<json::value> read_job(const ApiClient& client, const std::string& id) {
    WRAPUP_TRY(const ApiAnswer answer, client.get("/api/replays/" + id));
    if (answer.status != 200) {
        return Error{answer.status == 404 ? Errc::not_found : Errc::unavailable,
                     problem_text(answer.status, answer.body)};
    }
    return parse_answer_json(answer.body);
}

// Until it has ended, or Ctrl-C. A server that is restarted meanwhile goes on with it.
Result<json::value> follow(Console& console, const CommandLine& line, const ApiClient& client,
                           json::value job) {
    using Clock = std::chrono::steady_clock;
    const bool is_terminal = console.error_columns > 0;
    ImportMeter meter(console.err, "replaying", is_terminal);
    const std::string id = text_member(job, {"id"});
    const auto begun_at = Clock::now();
    auto heard_at = begun_at;
    while (text_member(job, {"state"}) == "running" && !InterruptNoted::was_interrupted()) {
        std::this_thread::sleep_for(poll_every);
        auto now = read_job(client, id);
        if (!now && Clock::now() - heard_at > restart_patience) {
            meter.clear();
            return now;
        }
        if (!now) continue;
        job = *std::move(now);
        heard_at = Clock::now();
        const std::int64_t count = count_in(job, "count");
        const std::int64_t done = count_in(job, "accepted") + count_in(job, "failed") +
                                  count_in(job, "skipped") + count_in(job, "given_up");
        const double share =
            static_cast<double>(done) / static_cast<double>(std::max<std::int64_t>(count, 1));
        const std::string pace = pace_text({done, share, heard_at - begun_at});
        meter.say(pace.empty() ? "replaying" : pace);
        if (is_terminal || !line.is_json)
            meter.show(static_cast<std::size_t>(done), static_cast<std::size_t>(count));
    }
    meter.clear();
    return job;
}

int begin(Console& console, const CommandLine& line, const ApiClient& client,
          const ReplayOptions& options, const std::string& token) {
    json::object order = order_of(options);
    order["preview"] = false;
    order["token"] = token;
    if (!options.reason.empty()) order["reason"] = options.reason;
    const auto begun = client.post("/api/replays", json::serialize(order));
    if (!begun) return unusable(console, begun.error().detail);
    if (begun->status != 202) return refused(console, *begun, in_options);
    auto first = parse_answer_json(begun->body);
    if (!first) return unusable(console, first.error().detail);
    const std::string id = terminal_text(text_member(*first, {"id"}));
    // Whoever reads a pipe, or is cut off, knows at once what to ask about.
    if (line.is_json) {
        console.err << begun->body << std::endl;
    } else {
        console.err << "Replay " << id << " has begun: " << records(count_in(*first, "count"))
                    << "." << std::endl;
    }
    const InterruptNoted interrupt;
    const auto job = follow(console, line, client, *std::move(first));
    if (!job) return unusable(console, job.error().detail);
    if (InterruptNoted::was_interrupted()) {
        if (!line.is_json)
            console.err << "The replay goes on in the server. `wrapup replay --show " << id
                        << "` says how far it is, `wrapup replay --cancel " << id << "` ends it.\n";
        (void)tell(console, line, *job);
        return exit_failed;
    }
    return tell(console, line, *job);
}

int replay(Console& console, const CommandLine& line, ReplayOptions& options) {
    const GivenTimes times = given_times(console);
    auto read = times.read("--after", options.after);
    if (read) read = times.read("--before", options.before);
    if (!read) return unusable(console, read.error().detail);
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    const auto answer = client->post("/api/replays", json::serialize(order_of(options)));
    if (!answer) return unusable(console, answer.error().detail);
    if (answer->status != 200) return refused(console, *answer, in_options);
    const auto preview = parse_answer_json(answer->body);
    if (!preview) return unusable(console, preview.error().detail);
    if (!has_count(*preview)) return misshapen(console, "count");
    const bool is_shown_as_json = line.is_json && (options.is_dry_run || !options.is_agreed);
    if (is_shown_as_json) {
        console.out << answer->body << "\n";
        return exit_ok;
    }
    if (!line.is_json) {
        print_preview(console, *preview, options);
        print_unknown(console, *client, options);
    }
    const std::int64_t count = count_in(*preview, "count");
    if (options.is_dry_run || (count == 0 && !line.is_json)) return exit_ok;
    if (options.gives_up && options.reason.empty()) {
        return unusable(console, "--reason: say why they are given up");
    }
    if (!options.is_agreed && !console.confirm) {
        return unusable(console, "nothing was sent: say --yes to send them");
    }
    const std::string verb = options.gives_up ? "Give up " : "Send ";
    if (!options.is_agreed && !console.confirm(verb + records(count) + to_whom(options) + "?")) {
        console.err << (options.gives_up ? "Nothing was given up.\n" : "Nothing was sent.\n");
        return exit_failed;
    }
    return begin(console, line, *client, options, text_member(*preview, {"token"}));
}

int show(Console& console, const CommandLine& line, const std::string& id) {
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    const auto job = read_job(*client, percent_encode(id));
    if (!job) return unusable(console, job.error().detail);
    return tell(console, line, *job);
}

int list(Console& console, const CommandLine& line) {
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    const auto answer = client->get("/api/replays");
    if (!answer) return unusable(console, answer.error().detail);
    if (answer->status != 200) return refused(console, *answer);
    const auto parsed = parse_answer_json(answer->body);
    if (!parsed) return unusable(console, parsed.error().detail);
    if (!member(*parsed, {"replays"}).is_array()) return misshapen(console, "replays");
    if (line.is_json) {
        console.out << answer->body << "\n";
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows = {{"REPLAY", "STATE", "RECORDS", "ACCEPTED",
                                                   "FAILED", "SKIPPED", "OPEN", "STARTED",
                                                   "REASON"}};
    const ListTimes times(console);
    for (const json::value& job : list_member(*parsed, {"replays"})) {
        std::vector<std::string> row;
        for (const char* const name :
             {"id", "state", "count", "accepted", "failed", "skipped", "open"}) {
            row.push_back(terminal_text(text_member(job, {name})));
        }
        row.push_back(times.of(job, {"started_at"}));
        row.push_back(terminal_text(text_member(job, {"reason"})));
        rows.push_back(std::move(row));
    }
    console.out << (rows.size() == 1 ? "No replays.\n"
                                     : render_table(rows, console.terminal_columns));
    return exit_ok;
}

int cancel(Console& console, const CommandLine& line, const std::string& id) {
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    const auto answer = client->del("/api/replays/" + percent_encode(id));
    if (!answer) return unusable(console, answer.error().detail);
    if (answer->status != 200) return refused(console, *answer, in_options);
    const auto job = parse_answer_json(answer->body);
    if (!job) return unusable(console, job.error().detail);
    (void)tell(console, line, *job);
    if (!line.is_json && flag_member(*job, {"already_over"})) {
        console.out << "It was already over: there was nothing to cancel.\n";
    }
    return exit_ok;
}

}  // namespace

CommandSpec replay_command() {
    const auto options = std::make_shared<ReplayOptions>();
    CommandSpec command{"replay", "Send a set of records once more, as a job", notes, {}, {}, {}};
    ReplayOptions& o = *options;
    command.options = {
        {"--state",
         "STATE",
         "parked (default), accepted or pending",
         &o.state,
         false,
         "",
         {"parked", "accepted", "pending", "delivered", "delivering"}},
        {"--parked", "REASON", "Only those parked for it", &o.parked, false, "", park_reasons()},
        {"--destination",
         "NAME",
         "Only those to it",
         &o.destination,
         false,
         "",
         {},
         NamesOf::destinations},
        {"--status", "STATUS", "held, no-answer, no-connection, voicemail", &o.status, false, "",
         outcome_words()},
        {"--campaign", "NAME", "Only calls of it", &o.campaign, false, ""},
        {"--after", "TIME", "Calls that began then or later", &o.after, false, ""},
        {"--before", "TIME", "Calls that began before", &o.before, false, ""},
        {"--fingerprint", "ID", "Those that failed in this way", &o.fingerprint, false, ""},
        {"--again", "", "Also what was accepted already", &o.is_again, false, ""},
        {"--earlier", "", "Records from before the destination was there", &o.is_earlier, false,
         "--again"},
        {"--to",
         "NAME",
         "Another destination that takes them over",
         &o.to,
         false,
         "--earlier",
         {},
         NamesOf::destinations},
        {"--give-up", "", "Send them nowhere: they are owed no more", &o.gives_up, false, "--to"},
        {"--reason", "TEXT", "Why; kept with the job", &o.reason, false, ""},
        {"--dry-run", "", "Say what would be sent, change nothing", &o.is_dry_run, false, ""},
        {"--yes", "", "Do not ask", &o.is_agreed, false, "--dry-run"},
        {"--list", "", "The latest replays", &o.is_listed, false, ""},
        {"--show", "ID", "How far a replay is", &o.shown, false, ""},
        {"--cancel", "ID", "Release nothing more of a replay", &o.cancelled, false, "--show"}};
    command.run = [options](Console& console, const CommandLine& line) {
        if (options->is_listed) return list(console, line);
        if (!options->shown.empty()) return show(console, line, options->shown);
        if (!options->cancelled.empty()) return cancel(console, line, options->cancelled);
        return replay(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
