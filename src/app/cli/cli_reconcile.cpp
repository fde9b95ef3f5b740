#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <ostream>
#include <thread>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/given_time.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/pace.hpp"
#include "app/cli/short_time.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"
#include "import/import_meter.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr const char* notes =
    R"(Asks Twilio for every call of that time, and ElevenLabs for every conversation,
and takes over what was missed: calls of whose end no event reached wrapup. The
running server does it, in turn with its own comparison every
WRAPUP_RECONCILE_INTERVAL, and goes on when this command is interrupted, and
when the server is started again. Newest calls come first, and not all at once.
What is ours is said by TWILIO_PHONE_NUMBER, WRAPUP_INBOUND and WRAPUP_SINCE.

A day is one in WRAPUP_TIMEZONE; --to 2026-11-26 includes that day.
Without --to: until now.
A time is "2026-11-26 08:00" in WRAPUP_TIMEZONE, or RFC 3339.

Exit code 1: it did not get to its end, or a call cannot be taken over.

Examples:
  wrapup reconcile --from 2026-11-20 --to 2026-11-26 --dry-run
  wrapup reconcile --from 2026-11-26T08:00:00Z
  wrapup reconcile --from yesterday --json)";

constexpr std::chrono::milliseconds poll_every{200};
constexpr int polls_patient = 5;  // With a trouble that may pass.
constexpr std::size_t findings_shown_max = 40;

struct ReconcileOptions {
    std::string from;
    std::string to;
    bool is_dry_run = false;
};

std::int64_t count_in(const json::value& run, std::string_view name) {
    return parse_int(text_member(run, {"counts." + std::string(name)})).value_or(0);
}

// How much of its time the run has listed: from `to` down.
std::size_t thousandths(const json::value& run) {
    const auto from = time_member(run, {"from"});
    const auto to = time_member(run, {"to"});
    const auto reached = time_member(run, {"reached"});
    if (text_member(run, {"state"}) == "done") return 1000;
    if (!from || !to || !reached || *to <= *from) return 0;
    return static_cast<std::size_t>(1000 * (*to - std::min(*reached, *to)) / (*to - *from));
}

std::string render_findings(const json::value& run, const Console& console) {
    const ListTimes times(console);
    std::vector<std::vector<std::string>> rows = {{"CALL", "CREATED", "KIND", "WHY"}};
    const json::array& findings = list_member(run, {"findings"});
    for (const json::value& finding : findings) {
        if (rows.size() > findings_shown_max) break;
        rows.push_back({terminal_text(text_member(finding, {"call_sid"})),
                        times.of(finding, {"created_at"}),
                        terminal_text(text_member(finding, {"kind"})),
                        terminal_text(text_member(finding, {"reason"}))});
    }
    if (rows.size() == 1) return {};
    std::string text = render_table(rows, console.terminal_columns);
    if (findings.size() > findings_shown_max) text += "… and more; --json lists them.\n";
    return text + "\n";
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

// Each call that was listed is in exactly one of the counts that follow.
std::string render_run(const json::value& run, const Console& console) {
    const auto count = [&run](std::string_view name) { return count_in(run, name); };
    // What it failed at is told beside it.
    if (text_member(run, {"state"}) != "done" && count("listed") == 0) return {};
    std::string text = render_findings(run, console);
    text += "Twilio lists " + counted(count("listed"), "call", "calls") + " of that time";
    if (text_member(run, {"state"}) != "done") text += ", as far as it was read";
    text += ":\n";
    const auto add = [&](std::string_view name, std::string_view what) {
        const std::string number = std::to_string(count(name));
        text += std::string(number.size() < 8 ? 8 - number.size() : 0, ' ') + number + " " +
                std::string(what) + "\n";
    };
    add("known", "known here: nothing new");
    add("missed", "missed: over, and no event of the end had come");
    add("running", "not over, or only just: looked at again");
    add("out_of_scope", "out of scope: not ours, or before WRAPUP_SINCE");
    add("legs", "legs of other calls, which make no record");
    add("unadoptable", "ours, and cannot be taken over: the list does not say enough");
    if (count("conversations") > 0) {
        text += "ElevenLabs lists " +
                counted(count("conversations"), "conversation", "conversations") +
                " that nobody had told of.\n";
    }
    if (flag_member(run, {"dry_run"})) return text + "Dry run: nothing was changed.\n";
    const std::int64_t appended = count("appended");
    text += "Of those missed, " +
            counted(appended, "was taken over and settles", "were taken over and settle") +
            " like any other call";
    const std::int64_t left = count("missed") - appended;
    if (left > 0) {
        text += "; " + counted(left, "was", "were") +
                " not, because the store refused: they are looked at again";
    }
    return text + ".\n";
}

struct Followed {
    json::value run;
    std::string told;  // What was wrong meanwhile, as it was told.
};

Result<Followed> follow(Console& console, const ApiClient& client, const std::string& id,
                        ImportMeter& meter) {
    const std::string target = "/api/reconciliation/" + id;
    const auto begun_at = std::chrono::steady_clock::now();
    std::string told;
    int seen_count = 0;
    for (;;) {
        WRAPUP_TRY(const ApiAnswer answer, client.get(target));
        if (answer.status != 200) {
            return Error{Errc::unavailable, problem_text(answer.status, answer.body)};
        }
        WRAPUP_TRY(json::value run, parse_answer_json(answer.body));
        const std::string state = text_member(run, {"state"});
        const bool is_over = state != "waiting" && state != "running";
        if (is_over || InterruptNoted::was_interrupted()) {
            return Followed{std::move(run), std::move(told)};
        }
        const std::string error = text_member(run, {"error"});
        // What ends it is told at the end.
        seen_count = error.empty() ? 0 : seen_count + 1;
        if (seen_count > polls_patient && told.empty()) {
            meter.clear();
            console.err << "wrapup: " << terminal_text(error) << "; it is tried again\n";
            told = error;
        }
        const std::size_t share = thousandths(run);
        const std::string pace =
            pace_text({count_in(run, "listed"), static_cast<double>(share) / 1000,
                       std::chrono::steady_clock::now() - begun_at});
        meter.say("comparing with Twilio" + (pace.empty() ? "" : ", " + pace));
        meter.show(share, 1000);
        std::this_thread::sleep_for(poll_every);
    }
}

int reconcile(Console& console, const CommandLine& line, ReconcileOptions& options) {
    const GivenTimes times = given_times(console);
    auto read = times.read("--from", options.from);
    if (read) read = times.read("--to", options.to);
    if (!read) return unusable(console, read.error().detail);
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    json::object order{{"from", options.from}, {"dry_run", options.is_dry_run}};
    if (!options.to.empty()) order["to"] = options.to;
    const auto begun = client->post("/api/reconciliation", json::serialize(order));
    if (!begun) return unusable(console, begun.error().detail);
    if (begun->status != 202) return refused(console, *begun);
    const auto first = parse_answer_json(begun->body);
    if (!first) return unusable(console, first.error().detail);
    ImportMeter meter(console.err, "comparing with Twilio", ::isatty(STDERR_FILENO) == 1);
    const InterruptNoted interrupt;
    const auto followed = follow(console, *client, text_member(*first, {"id"}), meter);
    meter.clear();
    if (!followed) return unusable(console, followed.error().detail);
    const json::value& run = followed->run;
    const bool is_done = text_member(run, {"state"}) == "done";
    if (is_done && !parse_int(text_member(run, {"counts.unadoptable"}))) {
        return misshapen(console, "counts.unadoptable");
    }
    console.out << (line.is_json ? json::serialize(run) + "\n" : render_run(run, console));
    const std::string error = text_member(run, {"error"});
    if (!is_done && InterruptNoted::was_interrupted()) {
        console.err << "Interrupted: the server goes on with it, also after a restart; what it "
                       "takes over settles like any other call.\n";
    } else if (!is_done) {
        console.err << "wrapup: it did not get to its end"
                    << (error == followed->told ? "" : ": " + terminal_text(error)) << "\n";
    }
    return is_done && count_in(run, "unadoptable") == 0 ? exit_ok : exit_failed;
}

}  // namespace

CommandSpec reconcile_command() {
    const auto options = std::make_shared<ReconcileOptions>();
    CommandSpec command{
        "reconcile", "Find calls that Twilio knows and wrapup missed", notes, {}, {}, {}};
    command.options = {
        {"--from", "TIME", "yesterday, a day, '2026-11-20 12:00', RFC 3339", &options->from, true,
         ""},
        {"--to", "TIME", "The same; a day is included (default: now)", &options->to, false, ""},
        {"--dry-run", "", "Say what would be taken over, change nothing", &options->is_dry_run,
         false, ""}};
    command.run = [options](Console& console, const CommandLine& line) {
        return reconcile(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
