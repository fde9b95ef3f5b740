#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <thread>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/delivery_words.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/long_wait.hpp"
#include "app/cli/option_values.hpp"
#include "app/cli/send_blocked.hpp"
#include "app/cli/short_time.hpp"
#include "base/console_text.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr const char* notes =
    R"(A call that is over but not settled settles now with what is known. One that
only Twilio knows is adopted: it settles like any other, and this waits for its
record; with --now the record leaves at once with what is known.

A delivered one, or one that the CRM may have (unknown_outcome), is sent again
only with --again, with the same bytes and keys, so that the CRM can tell that
it has it already. --parked and --waiting show what they would send and ask; in
a pipe they need --yes. Of the parked ones, unknown_outcome is sent only when
--reason names it. What a person sends goes out although its destination is
paused, and leaves the schedule of its retries as it was.

Examples:
  wrapup send CA0123456789abcdef0123456789abcdef
  wrapup send --parked --dry-run        what is parked, and why
  wrapup send --parked --reason dead --yes
  wrapup send --waiting                 what waits for its next try; a call that
                                        is parked elsewhere counts as parked)";

struct SendOptions {
    std::string sid;
    bool is_parked = false;
    bool is_waiting = false;
    std::vector<std::string> reasons;
    bool is_dry_run = false;
    bool is_agreed = false;
    bool is_again = false;
    bool is_now = false;
};

// How long an adopted call may take to its record before we stop looking.
constexpr std::chrono::minutes settle_patience{10};
constexpr milliseconds look_every{500};
constexpr std::size_t answer_bytes_shown = 300;

// Sent only when a reason names them: the CRM may have the record already, or there is none.
bool is_left_out(std::string_view reason) {
    return reason == "unknown_outcome" || reason == "forgotten" || reason == "given_up";
}

// A line for each reason to leave them out.
std::string lines_left_out(const SendCounts& all) {
    struct Reason {
        std::string_view name;
        std::string_view why;
    };
    constexpr std::array<Reason, 3> reasons = {{
        {"unknown_outcome", "the CRM may have it already"},
        {"given_up", "nobody waits for it any more"},
        {"forgotten", "its personal data was erased"},
    }};
    std::string lines;
    for (const Reason& reason : reasons) {
        const auto found = all.find(std::string(reason.name));
        if (found == all.end()) continue;
        lines += std::to_string(found->second) + " left out, " + std::string(reason.name) + ": " +
                 std::string(reason.why) + "; --reason " + std::string(reason.name) + " sends it\n";
    }
    return lines;
}

// Before a record goes out that need not be missing.
std::string why_asked(std::string_view state, std::string_view reason) {
    if (state == "delivered") return "The CRM has accepted this record already";
    if (reason == "given_up") return "This record was given up, nobody waits for it any more";
    if (reason == "forgotten") return "The personal data of this record was erased";
    return "The CRM may have this record already";
}

Result<ApiAnswer> send(const ApiClient& client, const std::string& sid, bool is_now,
                       bool is_again) {
    json::object body;
    body["callSid"] = sid;
    if (is_now) body["now"] = true;
    body["again"] = is_again;
    return client.post("/api/test-crm-webhook", json::serialize(body));
}

// Sent, or (202) on its way.
bool was_sent(const ApiAnswer& answer) {
    const auto parsed = parse_answer_json(answer.body);
    return (answer.status == 200 || answer.status == 202) && parsed &&
           flag_member(*parsed, {"success"});
}

// Nothing was sent, because the CRM took the record meanwhile: from the service, or from a replay.
bool has_arrived(const ApiAnswer& answer) {
    const auto parsed = parse_answer_json(answer.body);
    return answer.status == 409 && parsed && text_member(*parsed, {"code"}) == "already_accepted";
}

// What a destination said; without a name it is the only one.
struct Said {
    std::string destination;
    std::string answer;
};

void print_result(Console& console, bool is_sent, const std::string& sid, const std::string& words,
                  const std::vector<Said>& answers) {
    constexpr std::size_t indent = 8;
    std::ostream& stream = is_sent ? console.out : console.err;
    const std::size_t columns = is_sent ? console.terminal_columns : console.error_columns;
    const auto fit = [columns](const std::string& text) {
        return columns == 0 ? text : wrapped(text, columns - indent, indent);
    };
    const std::string head = "  " + terminal_text(sid) + "  ";
    const std::string said_words = ListTimes(console).sentence(words);
    const bool has_room =
        columns == 0 || indent + column_count(head) + column_count(said_words) <= columns;
    stream << painted(is_sent ? "sent  " : "failed", is_sent ? Paint::green : Paint::red,
                      is_sent && console.has_colour)
           << head.substr(0, has_room ? head.npos : head.size() - 2)
           << (has_room ? said_words : "\n" + std::string(indent, ' ') + fit(said_words)) << "\n";
    for (const Said& said : answers) {
        if (said.answer.empty()) continue;
        const std::string& whose = said.destination;
        stream << std::string(indent, ' ')
               << fit((whose.empty() ? "the CRM" : terminal_text(whose)) +
                      "'s answer: " + terminal_excerpt(said.answer, answer_bytes_shown))
               << "\n";
    }
}

void print_answer(Console& console, const std::string& sid, const ApiAnswer& answer) {
    const auto parsed = parse_answer_json(answer.body);
    std::vector<Said> answers;
    if (parsed) {
        const auto& destinations = list_member(*parsed, {"details.destinations"});
        for (const json::value& one : destinations) {
            if (destinations.size() < 2 || flag_member(one, {"success"})) continue;
            answers.push_back({text_member(one, {"name"}), text_member(one, {"answer"})});
        }
        if (answers.empty()) answers.push_back({"", text_member(*parsed, {"details.answer"})});
    }
    print_result(console, was_sent(answer), sid, problem_text(answer.status, answer.body), answers);
}

// Of several destinations each is named; the answers are of those that have it not.
struct Account {
    std::string words;
    std::vector<Said> answers;
    json::array destinations;
};
Account account_of(const json::value& story) {
    Account account;
    const auto& deliveries = list_member(story, {"deliveries"});
    if (deliveries.size() < 2) account.words = text_member(story, {"why"});
    for (const json::value& delivery : deliveries) {
        const bool has_it = text_member(delivery, {"state"}) == "accepted";
        const std::string name = text_member(delivery, {"destination"});
        const std::string words = outcome_of(delivery);
        const std::string answer = text_member(last_attempt(delivery), {"answer"});
        account.destinations.push_back(json::object{
            {"name", name}, {"success", has_it}, {"message", words}, {"answer", answer}});
        if (deliveries.size() < 2) {
            account.answers.push_back({"", answer});
            continue;
        }
        if (!account.words.empty()) account.words += ' ';
        account.words += name + ": " + words;
        if (!has_it) account.answers.push_back({name, answer});
    }
    return account;
}

// Who reads JSON is a program, and waits.
std::string words_of_waiting(const CommandLine& line, const std::string& for_what,
                             const std::string& sid) {
    if (line.is_json) return {};
    return "Still waiting for " + for_what + "; wrapup show " + terminal_text(sid) +
           " says how far it is.";
}

// The server adopted the call: what becomes of it is told when it has settled.
int await_record(Console& console, const CommandLine& line, const ApiClient& client,
                 const std::string& sid) {
    const auto give_up_at = std::chrono::steady_clock::now() + settle_patience;
    std::optional<LongWait> waiting;
    waiting.emplace(console.err, words_of_waiting(line, "its record, 10 min at most", sid));
    auto story = read_story(client, sid);
    while (story && !has_ended(*story, {}) && std::chrono::steady_clock::now() < give_up_at) {
        if (has_ended(*story, waited_for(client))) break;
        std::this_thread::sleep_for(look_every);
        story = read_story(client, sid);
    }
    waiting.reset();
    if (!story) return unusable(console, story.error().detail);
    const bool is_sent = text_member(*story, {"call.state"}) == "delivered";
    const Account account = account_of(*story);
    if (line.is_json) {
        json::object out;
        out["success"] = is_sent;
        out["message"] = account.words;
        out["details"] = {
            {"payload", member(*story, {"record"})},
            {"answer", account.answers.empty() ? std::string() : account.answers.front().answer},
            {"destinations", account.destinations}};
        console.out << json::serialize(out) << "\n";
    } else {
        print_result(console, is_sent, sid, terminal_text(account.words), account.answers);
    }
    return is_sent ? exit_ok : exit_failed;
}

// Asks where there is somebody to ask; in a pipe the option that agrees is named instead.
bool is_agreed(Console& console, bool was_given, std::string_view option,
               const std::string& question) {
    if (was_given) return true;
    if (console.confirm) return console.confirm(question);
    unusable(console, "nothing was sent; to send, add " + std::string(option));
    return false;
}

// Says what would be done, and does nothing.
int rehearse_one(Console& console, const CommandLine& line, const SendOptions& options,
                 const Result<json::value>& story) {
    const std::string state = story ? text_member(*story, {"call.state"}) : "unknown";
    const std::string reason = story ? text_member(*story, {"call.parked"}) : "";
    if (line.is_json) {
        json::object out;
        out["id"] = options.sid;
        out["state"] = state;
        out["parked"] = reason;
        console.out << json::serialize(out) << "\n";
        return exit_ok;
    }
    console.out << (story ? "would send  " : "would ask Twilio about  ")
                << terminal_text(options.sid) << "  " << terminal_text(state)
                << (reason.empty() ? "" : " ") << terminal_text(reason) << "\n";
    return exit_ok;
}

int send_one(Console& console, const CommandLine& line, const ApiClient& client,
             const SendOptions& options) {
    const auto before = read_story(client, options.sid);
    if (!before && before.error().code != Errc::not_found)
        return failed(console, before.error().detail);
    if (options.is_dry_run) return rehearse_one(console, line, options, before);
    const bool is_delivered = before && text_member(*before, {"call.state"}) == "delivered";
    const bool is_unwanted = before && is_left_out(text_member(*before, {"call.parked"}));
    const bool is_asked = is_delivered || is_unwanted;
    if (is_asked) {
        const std::string why =
            why_asked(text_member(*before, {"call.state"}), text_member(*before, {"call.parked"}));
        if (line.is_json && !options.is_again && !console.confirm) {
            return unusable(console, why + ": nothing was sent; to send, add --again");
        }
        if (!options.is_again) {
            console.err << why << ": " << terminal_text(options.sid) << "\n";
        }
        if (!is_agreed(console, options.is_again, "--again", "Send it again?")) {
            return exit_unusable;
        }
    }
    const bool is_again = options.is_again || is_asked;
    const auto answer = [&] {
        const LongWait waiting(console.err,
                               words_of_waiting(line, "the CRM's answer", options.sid));
        return send(client, options.sid, options.is_now, is_again);
    }();
    if (!answer) return unusable(console, answer.error().detail);
    if (answer->status == 202) {
        if (!line.is_json) console.err << problem_text(answer->status, answer->body) << "\n";
        return await_record(console, line, client, options.sid);
    }
    const bool is_well = was_sent(*answer) || has_arrived(*answer);
    if (!line.is_json) {
        print_answer(console, options.sid, *answer);
    } else if (is_well) {
        console.out << answer->body << "\n";
    } else {
        (void)refused(console, *answer);
    }
    return is_well ? exit_ok : exit_failed;
}

// ---- Many ----

// All of them before the first is sent: sending takes calls out of the list that is being paged.
Result<std::vector<SendCandidate>> list_candidates(const ApiClient& client, bool is_parked) {
    std::vector<SendCandidate> found;
    std::string cursor;
    do {
        std::string target =
            std::string("/api/calls?state=") + (is_parked ? "parked" : "delivering") + "&limit=200";
        if (!cursor.empty()) target += "&cursor=" + percent_encode(cursor);
        WRAPUP_TRY(const ApiAnswer answer, client.get(target));
        const auto page = parse_answer_json(answer.body);
        if (answer.status != 200 || !page) {
            return Error{Errc::unavailable, problem_text(answer.status, answer.body)};
        }
        if (!member(*page, {"calls"}).is_array()) return misshapen("calls");
        for (const auto& call : list_member(*page, {"calls"})) {
            const std::string reason =
                is_parked ? text_member(call, {"parked", "park_reason"}) : "waiting";
            found.push_back({text_member(call, {"id", "call_sid"}), reason});
        }
        std::string next = text_member(*page, {"next_cursor", "nextCursor", "cursor"});
        if (next == cursor) break;
        cursor = std::move(next);
    } while (!cursor.empty());
    return found;
}

SendCounts count_reasons(const std::vector<SendCandidate>& candidates) {
    SendCounts counts;
    for (const SendCandidate& one : candidates) counts[one.reason] += 1;
    return counts;
}

std::string render_counts(const SendCounts& counts) {
    std::string text;
    for (const auto& [reason, count] : counts) {
        if (!text.empty()) text += ", ";
        text += std::to_string(count) + " " + terminal_text(reason);
    }
    return text;
}

bool is_chosen(const SendCandidate& one, const SendOptions& options) {
    if (options.reasons.empty()) return !is_left_out(one.reason);
    return std::ranges::find(options.reasons, one.reason) != options.reasons.end();
}

struct Tally {
    std::size_t sent = 0;
    std::size_t failed = 0;
    std::size_t arrived = 0;  // Meanwhile, without us.
    std::size_t blocked = 0;  // Of those chosen, see take_blocked().
};

void print_tally(Console& console, const CommandLine& line, const SendCounts& all,
                 std::size_t chosen, const Tally& tally) {
    std::size_t found_count = 0;
    json::object reasons;
    for (const auto& [reason, count] : all) {
        found_count += count;
        reasons[reason] = count;
    }
    if (!line.is_json) {
        console.out << chosen << " chosen: " << tally.sent << " sent, " << tally.failed
                    << " failed";
        if (tally.arrived > 0) console.out << ", " << tally.arrived << " accepted meanwhile";
        if (tally.blocked > 0) console.out << ", " << tally.blocked << " that cannot be sent";
        console.out << "\n";
        return;
    }
    json::object counts;
    counts["found"] = found_count;
    counts["reasons"] = std::move(reasons);
    counts["left_out"] = found_count - chosen;
    counts["sent"] = tally.sent;
    counts["failed"] = tally.failed;
    counts["accepted_meanwhile"] = tally.arrived;
    counts["blocked"] = tally.blocked;
    console.out << json::serialize(counts) << "\n";
}

int send_many(Console& console, const CommandLine& line, const ApiClient& client,
              const SendOptions& options) {
    const auto candidates = list_candidates(client, options.is_parked);
    if (!candidates) return unusable(console, candidates.error().detail);
    const SendCounts all = count_reasons(*candidates);
    std::vector<SendCandidate> chosen;
    std::ranges::copy_if(*candidates, std::back_inserter(chosen),
                         [&](const SendCandidate& one) { return is_chosen(one, options); });
    const std::size_t left_count = candidates->size() - chosen.size();
    if (!line.is_json) {
        console.out << candidates->size() << (options.is_parked ? " parked" : " on their way");
        if (options.is_parked && !all.empty()) console.out << ": " << render_counts(all);
        console.out << "\n";
        if (options.reasons.empty()) {
            console.out << lines_left_out(all);
        } else if (left_count > 0) {
            console.out << left_count << " left out\n";
        }
    }
    const ClosedDestinations closed = closed_destinations(client);
    const SendCounts blocked = take_blocked(client, closed, chosen);
    if (!line.is_json) print_blocked(console, closed, blocked);
    Tally tally;
    for (const auto& [name, count] : blocked) tally.blocked += count;
    const std::size_t chosen_count = chosen.size() + tally.blocked;
    if (options.is_dry_run) {
        for (const SendCandidate& one : chosen) {
            if (line.is_json) break;
            console.out << "would send  " << terminal_text(one.id) << "  "
                        << terminal_text(one.reason) << "\n";
        }
        print_tally(console, line, all, chosen_count, tally);
        return exit_ok;
    }
    const std::string question = "Send " + std::to_string(chosen.size()) + " now?";
    if (!chosen.empty() && !is_agreed(console, options.is_agreed, "--yes", question)) {
        return exit_unusable;
    }
    const InterruptNoted interrupt;
    for (const SendCandidate& one : chosen) {
        if (InterruptNoted::was_interrupted()) {
            console.err
                << "Interrupted: what was not sent stays as it was. The same command goes on "
                   "with it.\n";
            print_tally(console, line, all, chosen_count, tally);
            return exit_failed;
        }
        const auto answer = send(client, one.id, options.is_now, options.is_again);
        if (!answer) return unusable(console, answer.error().detail);
        if (has_arrived(*answer)) {
            tally.arrived += 1;
            continue;
        }
        (was_sent(*answer) ? tally.sent : tally.failed) += 1;
        if (!line.is_json) print_answer(console, one.id, *answer);
    }
    print_tally(console, line, all, chosen_count, tally);
    return tally.failed == 0 && tally.blocked == 0 ? exit_ok : exit_failed;
}

int run_send(Console& console, const CommandLine& line, const SendOptions& options) {
    const int chosen_count =
        (options.sid.empty() ? 0 : 1) + (options.is_parked ? 1 : 0) + (options.is_waiting ? 1 : 0);
    if (chosen_count != 1) return unusable(console, "give a SID, --parked or --waiting");
    if (!options.reasons.empty() && !options.is_parked)
        return unusable(console, "--reason goes with --parked");
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    if (options.sid.empty()) return send_many(console, line, *client, options);
    return send_one(console, line, *client, options);
}

}  // namespace

CommandSpec send_command() {
    const auto options = std::make_shared<SendOptions>();
    CommandSpec command{"send", "Send a call's record now", notes, {}, {}, {}};
    command.options = {
        {"SID", "", "CallSid or conversation id", &options->sid, false, ""},
        {"--parked", "", "All parked calls", &options->is_parked, false, ""},
        {"--waiting", "", "All that wait for their next try", &options->is_waiting, false, ""},
        {"--reason", "REASON", "Of the parked ones, these", &options->reasons, false, "",
         park_reasons()},
        {"--dry-run", "", "Say what would be sent, and send nothing", &options->is_dry_run, false,
         ""},
        {"--yes", "", "Do not ask", &options->is_agreed, false, ""},
        {"--again", "", "Also when the CRM has it, or may have it", &options->is_again, false, ""},
        {"--now", "", "Do not wait for a summary", &options->is_now, false, ""},
    };
    command.run = [options](Console& console, const CommandLine& line) {
        return run_send(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
