#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <ostream>
#include <thread>

#include "app/cli/api_client.hpp"
#include "app/cli/cli_campaign.hpp"
#include "app/cli/cli_intents.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/given_phones.hpp"
#include "app/cli/given_time.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/list_call.hpp"
#include "app/cli/short_time.hpp"
#include "base/console_text.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr const char* notes =
    R"(Places one call through Twilio, led by your ElevenLabs agent, and follows it
until its record is in the CRM. Ctrl-C ends the following, not the call.

Examples:
  wrapup call +61413052898 --name "Ada Lovelace" --campaign "Spring 2026"
  wrapup call "0413 052 898" --country AU
  wrapup call +61413052898 --variable order=4711 --no-wait
  wrapup call +61413052898 --not-before 2026-11-27T09:00:00Z
  wrapup call --file contacts.csv --campaign spring --retry-busy 15m,1h
  wrapup call --list                    what was asked for, newest first
  wrapup call --list --state waiting
  wrapup call --cancel INTENT           before anybody answers

A call without --not-after is given up after seven days.
--file calls everybody in a file (CSV or JSON lines: phone, and name or
first_name and last_name, time_zone, by the names that wrapup import knows too;
each other column is a variable of the agent), shows what each column is taken
as, asks where one looks like a name or a time zone and is not, and follows the
list until it is done or paused. Lines that are bad are named, and then nobody
is called. Sent again, the file calls nobody twice: a number stands in a
campaign's list once. --time-zone and --variable count for
every line that does not say it itself. See also: wrapup campaign.)";

struct CallOptions {
    std::string to;
    std::string name;
    std::string campaign;
    std::string campaign_id;
    std::string agent;
    std::string from;
    std::string not_before;
    std::string not_after;
    std::string time_zone;
    std::string country;
    std::vector<std::string> variables;
    bool is_left_alone = false;
    std::string file;
    std::string retry_busy;
    std::string retry_no_answer;
    std::vector<std::string> maps;
    bool skips_bad = false;
    bool is_dry_run = false;
    bool is_confirmed = false;
    bool is_list = false;
    IntentListOptions list;
    std::string cancelled;
};

constexpr std::chrono::minutes patience{60};
constexpr milliseconds look_every{500};
// The pace makes nobody wait for longer, as a rule.
constexpr seconds turn_patience{10};

Result<json::object> variables_of(const CallOptions& options) {
    json::object variables;
    for (const std::string& variable : options.variables) {
        const std::size_t mark = variable.find('=');
        if (mark == 0 || mark == std::string::npos) {
            return Error{Errc::invalid_input, "--variable wants NAME=VALUE"};
        }
        variables[variable.substr(0, mark)] = variable.substr(mark + 1);
    }
    return variables;
}

// A flag that is of the other kind of call; empty: none is.
std::string misplaced_flag(const CallOptions& options) {
    if (!options.file.empty()) return options.name.empty() ? "" : "--name";
    if (!options.retry_busy.empty()) return "--retry-busy";
    if (!options.retry_no_answer.empty()) return "--retry-no-answer";
    if (!options.maps.empty()) return "--map";
    if (options.is_dry_run) return "--dry-run";
    if (options.is_confirmed) return "--yes";
    return options.skips_bad ? "--skip-bad" : "";
}

Result<std::string> body_of(const CallOptions& options) {
    json::object body{{"to", options.to}};
    const auto put = [&](const char* name, const std::string& value) {
        if (!value.empty()) body[name] = value;
    };
    put("name", options.name);
    put("campaign_id", options.campaign_id);
    put("campaign_name", options.campaign);
    put("agent_id", options.agent);
    put("from", options.from);
    put("not_before", options.not_before);
    put("not_after", options.not_after);
    put("time_zone", options.time_zone);
    WRAPUP_TRY(json::object variables, variables_of(options));
    if (!variables.empty()) body["variables"] = std::move(variables);
    return json::serialize(body);
}

// Again while a restart lasts.
Result<json::value> read(const ApiClient& client, const std::string& target) {
    WRAPUP_TRY(const ApiAnswer answer, ask_patiently([&] { return client.get(target); }));
    auto parsed = parse_answer_json(answer.body);
    if (answer.status == 200 && parsed) return parsed;
    return Error{answer.status == 404 ? Errc::not_found : Errc::unavailable,
                 problem_text(answer.status, answer.body)};
}

bool is_open(std::string_view state) {
    return state == "waiting" || state == "asking" || state == "placed" || state == "answered";
}

bool is_on_its_way(std::string_view state) {
    return state == "open" || state == "settling" || state == "delivering";
}

// Of one that waits for longer than for its turn: until when.
std::string waits_until(const json::value& intent, const ListTimes& times) {
    const auto created_at = time_member(intent, {"created_at"});
    const auto due_at = time_member(intent, {"due_at"});
    const bool is_long = created_at && due_at && *due_at - *created_at > turn_patience;
    return is_long ? " until " + times.of(intent, {"due_at"}) : std::string();
}

// To somebody who cannot follow it any more.
std::string goes_on(const std::string& intent) {
    return " The call goes on by itself as soon as wrapup runs: wrapup call --list shows it, as "
           "intent " +
           intent + ". To ask for it again would call twice.";
}

// What is meant by a number without a country, and by a time without a zone.
void tell_as_understood(Console& console, const CallOptions& options, const json::value& placed) {
    const ListTimes times(console);
    std::string words = text_member(placed, {"to"});
    for (const auto& [what, time] :
         {std::pair{", not before ", &options.not_before}, {", not after ", &options.not_after}}) {
        if (const auto at = parse_rfc3339(*time)) words += what + times.whole(*at);
    }
    if (!words.empty()) console.out << "number  " << terminal_text(words) << std::endl;
}

class Follower {
public:
    Follower(Console& console, const CommandLine& line, const ApiClient& client)
        : console_(console), line_(line), client_(client), times_(console) {}

    int follow(const std::string& intent_id) {
        const auto give_up_at = std::chrono::steady_clock::now() + patience;
        const InterruptNoted interrupt;
        for (;;) {
            auto intent = read(client_, "/api/intents/" + percent_encode(intent_id));
            if (!intent) {
                return failed(console_, intent.error().detail + goes_on(intent_id));
            }
            tell_intent(*intent);
            const std::string sid = text_member(*intent, {"call_sid"});
            const std::string state = text_member(*intent, {"state"});
            if (!is_open(state) && sid.empty()) return end(*intent, nullptr, false);
            if (!sid.empty()) {
                const auto story = read(client_, "/api/calls/" + percent_encode(sid));
                const bool is_known = story.has_value();
                if (is_known) tell("call", text_member(*story, {"call.state"}));
                if (is_known && !is_on_its_way(text_member(*story, {"call.state"}))) {
                    const bool is_delivered = text_member(*story, {"call.state"}) == "delivered";
                    return end(*intent, &*story, is_delivered);
                }
            }
            if (std::chrono::steady_clock::now() >= give_up_at) {
                return failed(console_, "the call has not ended; see: wrapup show " + sid);
            }
            if (InterruptNoted::was_interrupted()) {
                console_.err << "Interrupted: the call goes on. wrapup call --list shows it; until "
                                "somebody answers, wrapup call --cancel "
                             << terminal_text(intent_id) << " ends it.\n";
                return exit_failed;
            }
            std::this_thread::sleep_for(look_every);
        }
    }

private:
    void tell(const std::string& what, const std::string& now) {
        std::string& told = what == "call" ? told_call_ : told_intent_;
        if (line_.is_json || now.empty() || now == told) return;
        told = now;
        console_.out << what << "  " << terminal_text(now) << "\n";
        console_.out.flush();
    }

    void tell_intent(const json::value& intent) {
        std::string now = text_member(intent, {"state"});
        if (now == "waiting") now += waits_until(intent, times_);
        const std::string status = text_member(intent, {"status"});
        if (!status.empty()) now += ", " + status;
        const std::string reason = text_member(intent, {"reason"});
        if (reason == "do_not_call" && !status.empty()) now += ", " + reason;
        tell("placing", now);
    }

    int end(const json::value& intent, const json::value* story, bool is_delivered) {
        if (line_.is_json) {
            json::object out{{"intent", intent}};
            out["record"] = story == nullptr ? json::value(nullptr) : member(*story, {"record"});
            out["delivered"] = is_delivered;
            console_.out << json::serialize(out) << "\n";
            return is_delivered ? exit_ok : exit_failed;
        }
        if (story == nullptr) {
            const std::string advice = text_member(intent, {"advice"});
            console_.err << "not placed: " << terminal_text(text_member(intent, {"reason"}))
                         << (advice.empty() ? "" : ", ") << terminal_text(advice) << "\n";
            return exit_failed;
        }
        console_.out << (is_delivered ? "delivered" : "not delivered") << "  "
                     << terminal_text(text_member(*story, {"record.status"})) << ", "
                     << terminal_text(text_member(*story, {"record.summary"})) << "\n";
        if (!is_delivered) {
            console_.out << times_.sentence(terminal_text(text_member(*story, {"why"})))
                         << "\n  -> wrapup show "
                         << terminal_text(text_member(intent, {"call_sid"})) << "\n";
        }
        return is_delivered ? exit_ok : exit_failed;
    }

    Console& console_;
    const CommandLine& line_;
    const ApiClient& client_;
    ListTimes times_;
    std::string told_intent_;
    std::string told_call_;
};

int run_call_of_file(Console& console, const CommandLine& line, const CallOptions& options,
                     ReadPhone read_phone) {
    if (!misplaced_flag(options).empty()) {
        return unusable(console,
                        "--name is of one call: in a file it is a column (name, or first_name and "
                        "last_name)");
    }
    auto variables = variables_of(options);
    if (!variables) return unusable(console, variables.error().detail);
    if (!options.to.empty() || (options.campaign + options.campaign_id).empty())
        return unusable(console, "--file takes --campaign, and no TO");
    ListCallOptions list;
    for (const std::string& text : options.maps) {
        auto rule = parse_column_rule(text);
        if (!rule) return unusable(console, rule.error().detail);
        list.rules.push_back(*std::move(rule));
    }
    list.file = options.file;
    list.campaign_id = options.campaign_id.empty() ? options.campaign : options.campaign_id;
    if (!options.campaign_id.empty()) list.campaign_name = options.campaign;
    list.agent = options.agent;
    list.from = options.from;
    list.not_before = options.not_before;
    list.not_after = options.not_after;
    list.defaults = {options.time_zone, *std::move(variables), std::move(read_phone)};
    list.retry_busy = options.retry_busy;
    list.retry_no_answer = options.retry_no_answer;
    list.skips_bad = options.skips_bad;
    list.is_dry_run = options.is_dry_run;
    list.is_confirmed = options.is_confirmed;
    list.is_left_alone = options.is_left_alone;
    return run_list_call(console, line, list);
}

// Without --country the server reads them, with its own.
Result<std::unique_ptr<PhoneReader>> phones_of(const CallOptions& options) {
    if (options.country.empty()) return std::unique_ptr<PhoneReader>();
    WRAPUP_TRY(const std::string country, read_country(options.country));
    return open_phones(country);
}

int run_call(Console& console, const CommandLine& line, CallOptions& options) {
    const auto phones = phones_of(options);
    if (!phones) return unusable(console, phones.error().detail);
    const PhoneReader* const reader = phones->get();
    if (reader != nullptr && !options.to.empty()) {
        auto number = reader->read(options.to);
        if (!number) return unusable(console, "TO: " + number.error().detail);
        options.to = *std::move(number);
    }
    if (options.is_list) {
        IntentListOptions list = options.list;
        list.to = options.to;
        return run_list_intents(console, line, list);
    }
    if (!options.cancelled.empty()) return run_cancel_intent(console, line, options.cancelled);
    const GivenTimes times = given_times(console);
    auto read = times.read("--not-before", options.not_before, DateAs::start);
    if (read) read = times.read("--not-after", options.not_after, DateAs::end);
    if (!read) return unusable(console, read.error().detail);
    if (!options.file.empty()) {
        ReadPhone read_phone;
        if (reader != nullptr) {
            read_phone = [reader](std::string_view text) { return reader->read(text); };
        }
        return run_call_of_file(console, line, options, std::move(read_phone));
    }
    if (options.to.empty()) return unusable(console, "TO or --file is wanted");
    const std::string misplaced = misplaced_flag(options);
    if (!misplaced.empty()) return unusable(console, misplaced + " goes with --file");
    const auto body = body_of(options);
    if (!body) return unusable(console, body.error().detail);
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    const auto answer = client->post("/api/calls", *body);
    if (!answer) return unusable(console, answer.error().detail);
    const auto parsed = parse_answer_json(answer->body);
    const bool is_accepted = answer->status == 201 || answer->status == 202;
    if (!is_accepted || !parsed) return refused(console, *answer, in_flags);
    const std::string intent = text_member(*parsed, {"intent"});
    if (options.is_left_alone) {
        if (line.is_json) {
            console.out << answer->body << "\n";
        } else {
            console.out << "intent  " << terminal_text(intent) << "\n";
            tell_as_understood(console, options, *parsed);
        }
        return exit_ok;
    }
    if (!line.is_json) tell_as_understood(console, options, *parsed);
    return Follower(console, line, *client).follow(intent);
}

}  // namespace

CommandSpec call_command() {
    const auto options = std::make_shared<CallOptions>();
    CommandSpec spec{"call", "Place a call, and follow it to the CRM", notes, {}, {}, {}};
    spec.options = {
        {"TO", "", "The number to be called", &options->to, false, ""},
        {"--file", "FILE", "Everybody to be called", &options->file, false, ""},
        {"--retry-busy", "WAITS", "When a busy number is called again, as in 15m,1h",
         &options->retry_busy, false, ""},
        {"--retry-no-answer", "WAITS", "The same where nobody answers", &options->retry_no_answer,
         false, ""},
        {"--map", "COLUMN=FIELD", "What a column of FILE means; repeatable", &options->maps, false,
         ""},
        {"--skip-bad", "", "Leave out lines that are bad", &options->skips_bad, false, ""},
        {"--dry-run", "", "Check FILE, call nobody", &options->is_dry_run, false, ""},
        {"--yes", "", "Call although a column's meaning is doubtful", &options->is_confirmed, false,
         ""},
        {"--name", "NAME", "Who is called", &options->name, false, ""},
        {"--campaign", "NAME", "The campaign's name; with --file its id", &options->campaign, false,
         ""},
        {"--campaign-id", "ID", "The campaign's id", &options->campaign_id, false, ""},
        {"--agent", "ID", "The agent; else the first of ELEVENLABS_AGENT_ID", &options->agent,
         false, ""},
        {"--from", "NUMBER", "The caller; else the first of TWILIO_PHONE_NUMBER", &options->from,
         false, ""},
        {"--variable", "NAME=VALUE", "Something that the agent knows", &options->variables, false,
         ""},
        {"--not-before", "TIME", "The earliest: tomorrow, '2026-11-27 09:00'", &options->not_before,
         false, ""},
        {"--not-after", "TIME", "The latest; a day is included", &options->not_after, false, ""},
        {"--time-zone", "ZONE", "Where the person lives, as in Europe/Berlin", &options->time_zone,
         false, ""},
        {"--country", "AU", "Of numbers without + (else the server's)", &options->country, false,
         ""},
        {"--no-wait", "", "Do not follow it", &options->is_left_alone, false, ""},
        {"--list", "", "What was asked for (of TO)", &options->is_list, false, ""},
        {"--state", "STATE", "Of the list: waiting, placed, answered, ended, ...",
         &options->list.state, false, ""},
        {"--limit", "N", "Of the list: at most so many", &options->list.limit, false, ""},
        {"--cursor", "CURSOR", "Of the list: goes on after the page before", &options->list.cursor,
         false, ""},
        {"--cancel", "INTENT", "Cancel what nobody has answered", &options->cancelled, false, ""},
    };
    spec.run = [options](Console& console, const CommandLine& line) {
        return run_call(console, line, *options);
    };
    return spec;
}

}  // namespace wrapup
