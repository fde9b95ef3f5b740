#include <boost/json.hpp>
#include <memory>
#include <ostream>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/given_time.hpp"
#include "app/cli/short_time.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr const char* notes =
    R"(Every call of a day (in WRAPUP_TIMEZONE) is in exactly one column: accepted by
the CRM, parked with a reason, in flight, out of scope, or missing: Twilio knows
it and wrapup does not. Exit code 1: something is unexplained now.

Examples:
  wrapup ledger                         today
  wrapup ledger --date yesterday        or 2026-11-26
  wrapup ledger --from 2026-11-01 --to 2026-11-30 --csv
  wrapup ledger --verify                recounts, and walks the chain of hashes)";

struct LedgerOptions {
    std::string date;
    std::string from;
    std::string to;
    bool is_csv = false;
    bool verifies = false;

    bool is_list() const { return !from.empty() || !to.empty(); }
};

std::string target_of(const LedgerOptions& options) {
    if (options.verifies) return "/api/ledger/verify";
    return with_query("/api/ledger",
                      {{"date", options.date}, {"from", options.from}, {"to", options.to}});
}

std::string text_of(const json::value& object, Names names) {
    return terminal_text(text_member(object, names));
}

std::int64_t number_of(const json::value& object, Names names) {
    return parse_int(text_member(object, names)).value_or(0);
}

// "rejected 2, dead 1"
std::string reasons_of(const json::value& day) {
    std::string reasons;
    const json::value& parked = member(day, {"parked"});
    if (!parked.is_object()) return reasons;
    for (const auto& [key, value] : parked.get_object()) {
        const std::string_view name(key.data(), key.size());
        if (name == "total") continue;
        if (!reasons.empty()) reasons += ", ";
        reasons += terminal_text(name) + " " + text_of(parked, {name});
    }
    return reasons;
}

bool has_twilio(const json::value& day) { return member(day, {"twilio"}).is_object(); }
bool is_incomplete(const json::value& day) {
    return has_twilio(day) && !flag_member(day, {"twilio.complete"});
}

std::string whole_time(const json::value& object, Names names, const ListTimes& times) {
    const auto at = time_member(object, names);
    return at ? times.whole(*at) : text_of(object, names);
}

std::string twilio_sentence(const json::value& day, const ListTimes& times) {
    if (!has_twilio(day)) {
        return "INCOMPLETE: Twilio is not asked (TWILIO_ACCOUNT_SID, WRAPUP_RECONCILE_INTERVAL), "
               "so nobody knows of calls of which nothing arrived here.";
    }
    const std::string asked_at = whole_time(day, {"twilio.asked_at"}, times);
    if (asked_at.empty()) return "INCOMPLETE: Twilio was not asked for this day yet.";
    std::string sentence = "Twilio, asked " + asked_at + ", lists " +
                           text_of(day, {"twilio.calls"}) + " calls, running ones too; " +
                           text_of(day, {"twilio.only_here"}) + " are known here only, " +
                           text_of(day, {"twilio.without_call_sid"}) + " have no CallSid.";
    if (is_incomplete(day)) {
        sentence = "INCOMPLETE: the listing failed or is not finished. " + sentence;
    }
    return sentence;
}

std::string render_corrections(const json::value& day, std::size_t columns,
                               const ListTimes& times) {
    const auto& list = list_member(day, {"corrections"});
    if (list.empty()) return {};
    std::vector<std::vector<std::string>> rows = {{"CORRECTED", "CALL", "FROM", "TO"}};
    for (const auto& correction : list) {
        const auto named = [&](std::string_view name) {
            const std::string text = text_of(correction, {name});
            return text.empty() ? std::string("-") : text;
        };
        rows.push_back({times.of(correction, {"at"}), named("call"), named("from"), named("to")});
    }
    return "\n" + render_table(rows, columns);
}

// Of a closed day what is so now, and not what was so when it was closed.
std::int64_t unexplained_of(const json::value& day) {
    const std::string now = text_of(day, {"unexplained_now"});
    return now.empty() ? number_of(day, {"unexplained"}) : parse_int(now).value_or(0);
}

std::string render_unexplained(const json::value& day, const Console& console) {
    const std::int64_t unexplained = unexplained_of(day);
    const std::int64_t when_closed = number_of(day, {"unexplained"});
    const bool is_now = !text_of(day, {"unexplained_now"}).empty();
    std::string out;
    if (unexplained == 0) {
        const bool is_whole = has_twilio(day) && !is_incomplete(day);
        out = is_whole ? painted("Nothing is unexplained.", Paint::green, console.has_colour)
                       : "Nothing is unexplained of what is known here.";
        out += "\n";
    } else {
        out =
            painted(std::to_string(unexplained) + " unexplained:", Paint::red, console.has_colour) +
            "\n";
        std::vector<std::vector<std::string>> rows;
        for (const auto& one : list_member(day, {is_now ? "differences_now" : "differences"})) {
            rows.push_back({"  " + text_of(one, {"call_sid"}), text_of(one, {"kind"}),
                            text_of(one, {"reason"})});
        }
        out += render_table(rows, console.terminal_columns);
    }
    if (is_now && unexplained != when_closed) {
        out += "When it was closed: " + std::to_string(when_closed) + " unexplained.\n";
    }
    return out;
}

std::string render_day(const json::value& day, const Console& console) {
    const bool has_colour = console.has_colour;
    const ListTimes times(console);
    const std::string sealed_at = whole_time(day, {"sealed_at"}, times);
    std::string out = painted(text_of(day, {"date"}) + " (" + text_of(day, {"timezone"}) + ")",
                              Paint::bold, has_colour);
    out += sealed_at.empty() ? ", not closed yet\n" : ", closed " + sealed_at + "\n";
    std::vector<std::vector<std::string>> rows;
    for (const auto& [title, name] : {std::pair{"calls", "calls"},
                                      {"  accepted", "accepted"},
                                      {"  parked", "parked.total"},
                                      {"  in flight", "in_flight"},
                                      {"  out of scope", "out_of_scope"},
                                      {"  missing", "missing"}}) {
        const std::string note =
            std::string_view(name) == "parked.total" ? reasons_of(day) : std::string();
        rows.push_back({title, text_of(day, {name}), note});
    }
    const std::string twilio = twilio_sentence(day, times);
    const std::size_t columns = console.terminal_columns;
    out += render_table(rows) + (columns == 0 ? twilio : wrapped(twilio, columns, 0)) + "\n";
    if (!sealed_at.empty()) out += "Hash " + text_of(day, {"hash"}) + "\n";
    out += render_unexplained(day, console);
    return out + render_corrections(day, console.terminal_columns, times);
}

using Days = std::vector<const json::value*>;

Days days_of(const json::value& answer) {
    Days days;
    if (!member(answer, {"days"}).is_array()) return {&answer};
    for (const auto& day : list_member(answer, {"days"})) days.push_back(&day);
    return days;
}

std::string render_days(const Days& days, const Console& console) {
    const ListTimes times(console);
    std::vector<std::vector<std::string>> rows = {{"DATE", "CALLS", "ACCEPTED", "PARKED",
                                                   "IN FLIGHT", "OUT OF SCOPE", "MISSING",
                                                   "UNEXPLAINED", "TWILIO", "CLOSED"}};
    for (const json::value* day : days) {
        const char* twilio = !has_twilio(*day)     ? "not asked"
                             : is_incomplete(*day) ? "incomplete"
                                                   : "ok";
        rows.push_back({text_of(*day, {"date"}), text_of(*day, {"calls"}),
                        text_of(*day, {"accepted"}), text_of(*day, {"parked.total"}),
                        text_of(*day, {"in_flight"}), text_of(*day, {"out_of_scope"}),
                        text_of(*day, {"missing"}), std::to_string(unexplained_of(*day)), twilio,
                        times.of(*day, {"sealed_at"})});
    }
    return render_table(rows, console.terminal_columns);
}

// No value has a comma or a quote: numbers, dates, zones and hashes.
std::string render_csv(const Days& days) {
    constexpr std::pair<const char*, const char*> columns[] = {
        {"date", "date"},
        {"timezone", "timezone"},
        {"calls", "calls"},
        {"accepted", "accepted"},
        {"parked", "parked.total"},
        {"in_flight", "in_flight"},
        {"out_of_scope", "out_of_scope"},
        {"missing", "missing"},
        {"unexplained", "unexplained"},
        {"twilio_asked_at", "twilio.asked_at"},
        {"twilio_complete", "twilio.complete"},
        {"twilio_calls", "twilio.calls"},
        {"only_here", "twilio.only_here"},
        {"without_call_sid", "twilio.without_call_sid"},
        {"sealed_at", "sealed_at"},
        {"hash", "hash"},
        {"unexplained_now", "unexplained_now"},
    };
    std::string out;
    for (const auto& [title, name] : columns) out += (out.empty() ? "" : ",") + std::string(title);
    out += "\n";
    for (const json::value* day : days) {
        std::string line;
        for (const auto& [title, name] : columns) {
            if (!line.empty()) line += ",";
            line += text_of(*day, {name});
        }
        out += line + "\n";
    }
    return out;
}

std::string render_verdict(const json::value& verdict, bool has_colour) {
    const auto& findings = list_member(verdict, {"findings"});
    std::string out;
    for (const auto& finding : findings) {
        const std::string text =
            finding.is_string() ? std::string(finding.get_string()) : std::string();
        out += painted("wrong", Paint::red, has_colour) + "  " + terminal_text(text) + "\n";
    }
    if (!findings.empty()) return out;
    const std::string calls = text_of(verdict, {"calls"});
    const std::string days = text_of(verdict, {"sealed_days"});
    return painted("ok", Paint::green, has_colour) + "  " + calls +
           (calls == "1" ? " call" : " calls") + " recounted, " + days +
           (days == "1" ? " closed day follows the one before\n"
                        : " closed days follow each other\n");
}

// The first member that the verdict is made of and that is not there; empty: all are.
std::string missing_in(const json::value& verdict) {
    for (const char* const name : {"calls", "sealed_days"}) {
        if (!parse_int(text_member(verdict, {name}))) return name;
    }
    return member(verdict, {"findings"}).is_array() ? "" : "findings";
}

std::string missing_in(const Days& days) {
    for (const json::value* day : days) {
        for (const char* const name : {"calls", "unexplained"}) {
            if (!parse_int(text_member(*day, {name}))) return name;
        }
        const json::value& now = member(*day, {"unexplained_now"});
        if (!now.is_null() && !parse_int(text_of(*day, {"unexplained_now"}))) {
            return "unexplained_now";
        }
    }
    return {};
}

int ledger(Console& console, const CommandLine& line, LedgerOptions& options) {
    const GivenTimes times = given_times(console);
    for (const auto& [flag, value] :
         {std::pair{"--date", &options.date}, {"--from", &options.from}, {"--to", &options.to}}) {
        if (const auto read = times.read_date(flag, *value); !read) {
            return unusable(console, read.error().detail);
        }
    }
    const auto client = open_api(console, line);
    const auto answer =
        client ? client->get(target_of(options)) : Result<ApiAnswer>(client.error());
    if (!answer) return unusable(console, answer.error().detail);
    const auto parsed = parse_answer_json(answer->body);
    if (answer->status != 200 || !parsed) return refused(console, *answer);
    if (options.verifies) {
        const std::string missing = missing_in(*parsed);
        if (!missing.empty()) return misshapen(console, missing);
        console.out << (line.is_json ? answer->body + "\n"
                                     : render_verdict(*parsed, console.has_colour));
        return list_member(*parsed, {"findings"}).empty() ? exit_ok : exit_failed;
    }
    const Days days = days_of(*parsed);
    const std::string missing = missing_in(days);
    if (!missing.empty()) return misshapen(console, missing);
    if (line.is_json) {
        console.out << answer->body << "\n";
    } else if (options.is_csv) {
        console.out << render_csv(days);
    } else if (options.is_list()) {
        console.out << render_days(days, console);
    } else {
        console.out << render_day(*parsed, console);
    }
    for (const json::value* day : days) {
        if (unexplained_of(*day) != 0) return exit_failed;
    }
    return exit_ok;
}

}  // namespace

CommandSpec ledger_command() {
    const auto options = std::make_shared<LedgerOptions>();
    CommandSpec command{"ledger", "Account for every call of a day", notes, {}, {}, {}};
    command.options = {
        {"--date", "DATE", "This day (default: today)", &options->date, false, ""},
        {"--from", "DATE", "Each day from this one on", &options->from, false, "--date"},
        {"--to", "DATE", "Up to this one (default: today)", &options->to, false, "--date"},
        {"--csv", "", "Print a line per day as CSV", &options->is_csv, false, ""},
        {"--verify", "", "Recount the calls and check the closed days", &options->verifies, false,
         ""},
    };
    command.run = [options](Console& console, const CommandLine& line) {
        return ledger(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
