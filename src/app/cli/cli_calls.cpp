#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <ostream>
#include <thread>
#include <utility>

#include "app/cli/api_client.hpp"
#include "app/cli/calls_search.hpp"
#include "app/cli/calls_view.hpp"
#include "app/cli/change_listener.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/given_time.hpp"
#include "app/cli/option_values.hpp"
#include "app/cli/short_time.hpp"
#include "base/assert.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "base/time_zone.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(On a terminal rows are cut to its width and times are in WRAPUP_TIMEZONE; in a
pipe they are whole. csv and jsonl are for programs: their columns and fields
stay, times are RFC 3339 in UTC. A csv cell that a spreadsheet would take for a
formula (= + - @ at its beginning) has a ' before it; +61413052898 stays.

--phone takes a number in any spelling, with WRAPUP_COUNTRY a national one, or
its last digits. What the server does not have exactly like this is looked for
among the newest 10,000 calls, with --all among all.

A TIME is "2026-11-27 12:00" in WRAPUP_TIMEZONE, RFC 3339, a date, today or
yesterday.

Examples:
  wrapup calls                          the newest fifty
  wrapup calls --today --state parked
  wrapup calls --since 2h --follow      and whatever changes from then on
  wrapup calls --all --output csv > calls.csv
  wrapup calls --state parked           what waits for a person
  wrapup calls --parked rejected        what the CRM refused
  wrapup calls --status voicemail --after yesterday --before "2026-11-27 12:00"
  wrapup calls --phone "0413 052 898"   or --phone 052898, its end
  wrapup calls --name ada --campaign "spring offer"
  wrapup calls --phone +61255501234 --json)";

struct Filter {
    const char* flag;
    const char* parameter;  // Of GET /api/calls.
    const char* type;       // Empty: a flag.
    const char* help;
    std::string value{};
    bool is_set = false;  // Of a flag.
    std::vector<std::string> values = {};
};
using Filters = std::vector<Filter>;

Filters no_filters() {
    return {
        {"--state", "state", "STATE", "open, settling, delivering, delivered, parked", "", false,
         call_states()},
        {"--parked", "parked", "REASON", "dead, rejected, disabled, ...", "", false,
         park_reasons()},
        {"--status", "status", "STATUS", "held, voicemail, no-answer, no-connection", "", false,
         outcome_words()},
        {"--campaign", "campaign", "NAME", "The campaign's name, in any case", ""},
        {"--no-campaign", "no_campaign", "", "Calls whose record has no campaign", ""},
        {"--phone", "phone", "NUMBER", "The number called", ""},
        {"--sid", "call_sid", "SID", "The CallSid", ""},
        {"--conversation", "conversation_id", "ID", "The ElevenLabs conversation", ""},
        {"--after", "after", "TIME", "First event then or later", ""},
        {"--before", "before", "TIME", "First event before", ""},
        {"--from", "from", "TIME", "Counted in the ledger from then on", ""},
        {"--to", "to", "TIME", "Counted in the ledger before", ""},
        {"--limit", "limit", "N", "At most so many (50); with --all in one page", ""},
        {"--cursor", "cursor", "CURSOR", "Goes on after the page before", ""},
    };
}

// The API's parameters by the names that they have here.
std::string in_options(std::string problem) {
    for (const Filter& filter : no_filters()) {
        const std::string name = std::string(filter.parameter) + ": ";
        if (problem.starts_with(name)) return problem.replace(0, name.size() - 2, filter.flag);
    }
    return problem;
}

std::string target_of(const Filters& filters) {
    std::string target = "/api/calls";
    char separator = '?';
    for (const auto& filter : filters) {
        if (filter.value.empty() && !filter.is_set) continue;
        const std::string value = filter.is_set ? "true" : percent_encode(filter.value);
        target += separator + std::string(filter.parameter) + "=" + value;
        separator = '&';
    }
    return target;
}

// Neighbouring names, for servers of another version.
const boost::json::array& calls_of(const boost::json::value& page) {
    return list_member(page, {"calls", "items", "data"});
}
bool has_calls(const boost::json::value& page) {
    return member(page, {"calls", "items", "data"}).is_array();
}
std::string cursor_of(const boost::json::value& page) {
    return text_member(page, {"next_cursor", "nextCursor", "cursor"});
}

enum class Output { table, json, jsonl, csv };

struct CallsOptions {
    Filters filters = no_filters();
    std::string name;
    CallSearch search;  // What is looked for here, because the API cannot.
    std::string since;
    std::string output;
    bool is_today = false;
    bool is_all = false;
    bool follows = false;
    bool must_find = false;  // None is a failure.

    std::string& value_of(std::string_view parameter) {
        const auto found = std::ranges::find(filters, parameter, &Filter::parameter);
        WRAPUP_ASSERT(found != filters.end());
        return found->value;
    }
};

Result<Output> output_of(const CommandLine& line, const std::string& given) {
    const std::string name = to_lower(given);
    if (name.empty()) return line.is_json ? Output::json : Output::table;
    if (name == "json") return Output::json;
    if (line.is_json) return Error{Errc::invalid_input, "--json and --output exclude each other"};
    if (name == "table") return Output::table;
    if (name == "jsonl") return Output::jsonl;
    if (name == "csv") return Output::csv;
    WRAPUP_ASSERT(false);
}

// --since and --today are words for --after.
Result<void> read_times(CallsOptions& options, const GivenTimes& times) {
    std::string& after = options.value_of("after");
    const int said =
        (options.since.empty() ? 0 : 1) + (options.is_today ? 1 : 0) + (after.empty() ? 0 : 1);
    if (said > 1) {
        return Error{Errc::invalid_input, "--since, --today and --after exclude each other"};
    }
    for (Filter& filter : options.filters) {
        if (filter.type != std::string_view("TIME")) continue;
        WRAPUP_CHECK(times.read(filter.flag, filter.value));
    }
    if (options.is_today) {
        const TimeZone zone = times.zone();
        after = format_rfc3339(zone.span_of(zone.date_at(times.now)).from);
    }
    if (options.since.empty()) return {};
    if (const auto age = parse_duration(options.since)) {
        after = format_rfc3339(times.now - *age);
        return {};
    }
    after = options.since;
    const auto read = times.read("--since", after);
    if (read) return {};
    return Error{Errc::invalid_input, read.error().detail + ", or an age as in 2h or 3d"};
}

std::string jsonl_row(const boost::json::value& call) {
    return terminal_json(boost::json::serialize(call)) + "\n";
}

// Rows as they come; a table has to know all of them before its first.
class CallsPrinter {
public:
    CallsPrinter(Console& console, Output output, CallsLook look)
        : console_(console), output_(output), look_(std::move(look)) {
        if (output_ == Output::csv) console_.out << calls_csv_head();
    }

    void take(const boost::json::array& calls) {
        for (const auto& call : calls) {
            count_ += 1;
            if (output_ == Output::csv) {
                console_.out << call_csv(call, console_.terminal_columns > 0);
            }
            if (output_ == Output::jsonl) console_.out << jsonl_row(call);
            if (output_ == Output::table || output_ == Output::json) kept_.push_back(call);
        }
    }

    std::size_t count() const { return count_; }

    // `document` is the last answer.
    void finish(boost::json::value document) {
        if (output_ == Output::json) {
            document.as_object()["calls"] = std::move(kept_);
            console_.out << terminal_json(boost::json::serialize(document)) << "\n";
            return;
        }
        const std::string cursor = cursor_of(document);
        if (count_ == 0) console_.err << (cursor.empty() ? "No calls.\n" : "None so far.\n");
        if (output_ == Output::table && count_ > 0) console_.out << render_calls(kept_, look_);
        if (!cursor.empty()) {
            console_.err << "More: add --cursor " << terminal_text(cursor) << ", or --all\n";
        }
    }

private:
    Console& console_;
    Output output_;
    CallsLook look_;
    boost::json::array kept_;
    std::size_t count_ = 0;
};

struct Asked {
    boost::json::value page;  // An object, unless the code is another than exit_ok.
    int code = exit_ok;
};

Asked read_page(Console& console, const Result<ApiAnswer>& answer) {
    if (!answer) return {{}, unusable(console, answer.error().detail)};
    auto page = parse_answer_json(answer->body);
    if (answer->status != 200 || !page || !page->is_object()) {
        return {{}, refused(console, *answer, in_options)};
    }
    if (!has_calls(*page)) return {{}, misshapen(console, "calls")};
    return {*std::move(page), exit_ok};
}

Asked ask(Console& console, const ApiClient& client, const Filters& filters) {
    return read_page(console, client.get(target_of(filters)));
}

// Whether the API knows a call by this filter alone.
bool is_known(const ApiClient& client, const std::string& parameter, const std::string& value) {
    const auto answer = client.get("/api/calls?limit=1&" + parameter + "=" + percent_encode(value));
    const auto page =
        answer ? parse_answer_json(answer->body) : Result<boost::json::value>(nullptr);
    // What it refuses, it says itself.
    return !page || !page->is_object() || answer->status != 200 || !calls_of(*page).empty();
}

// A campaign and a number that the API has not exactly like this are looked for among all calls.
void widen(const ApiClient& client, CallsOptions& options) {
    options.search.name = to_lower(options.name);
    std::string& campaign = options.value_of("campaign");
    if (!campaign.empty() && !is_known(client, "campaign", campaign)) {
        options.search.campaign = to_lower(std::exchange(campaign, {}));
    }
    std::string& phone = options.value_of("phone");
    const std::string digits = last_digits(phone);
    const bool is_whole = trim(phone).starts_with('+') || digits.empty();
    if (!is_whole && !is_known(client, "phone", phone)) {
        options.search.digits = digits;
        phone.clear();
    }
}

constexpr std::size_t rows_usual = 50;
constexpr std::size_t looked_at_max = 10'000;  // Of a search without --all.

// Of a page with more that fits than is wanted: the page that ends with the last one wanted, so
// that its cursor goes on after that.
Asked cut(Console& console, const ApiClient& client, CallsOptions options, Asked asked,
          std::size_t wanted) {
    std::size_t fitting = 0;
    std::size_t end = 0;
    for (const auto& call : calls_of(asked.page)) {
        if (fitting < wanted) end += 1;
        fitting += found_in(boost::json::array{call}, options.search).size();
    }
    if (fitting <= wanted) return asked;
    options.value_of("limit") = std::to_string(end);
    return ask(console, client, options.filters);
}

int list(Console& console, const ApiClient& client, CallsOptions& options, CallsPrinter& printer) {
    constexpr const char* page_size_max = "200";
    const bool searches = !options.search.is_empty();
    const auto wanted = static_cast<std::size_t>(
        parse_int(options.value_of("limit")).value_or(std::int64_t{rows_usual}));
    if (searches || (options.is_all && options.value_of("limit").empty())) {
        options.value_of("limit") = page_size_max;
    }
    std::size_t looked_at = 0;
    for (;;) {
        Asked asked = ask(console, client, options.filters);
        if (asked.code != exit_ok) return asked.code;
        if (searches && !options.is_all) {
            asked = cut(console, client, options, std::move(asked), wanted - printer.count());
            if (asked.code != exit_ok) return asked.code;
        }
        looked_at += calls_of(asked.page).size();
        printer.take(searches ? found_in(calls_of(asked.page), options.search)
                              : calls_of(asked.page));
        options.value_of("cursor") = cursor_of(asked.page);
        const bool is_enough = !options.is_all && (!searches || printer.count() >= wanted ||
                                                   looked_at >= looked_at_max);
        if (is_enough || options.value_of("cursor").empty() || !console.out) {
            const bool has_older = !options.value_of("cursor").empty();
            if (searches && has_older && printer.count() < wanted) {
                console.err << "Looked at " << looked_at
                            << " calls and no further: older ones may fit too.\n";
            }
            printer.finish(std::move(asked.page));
            return exit_ok;
        }
    }
}

// Whether asking again may be answered otherwise, as when the server is started anew behind a
// proxy.
bool may_pass(const Result<ApiAnswer>& answer) {
    if (!answer) return answer.error().code == Errc::unavailable;
    return answer->status == 429 || answer->status >= 500;
}

// The page as soon as there is one: what was followed once goes on.
Asked ask_again(Console& console, const ApiClient& client, const Filters& filters) {
    constexpr std::chrono::seconds longest{30};
    std::chrono::seconds wait{1};
    for (;;) {
        const auto answer = client.get(target_of(filters));
        if (!may_pass(answer)) {
            if (wait > std::chrono::seconds{1}) console.err << "It answers again." << std::endl;
            return read_page(console, answer);
        }
        if (wait == std::chrono::seconds{1}) {
            const std::string why =
                answer ? problem_text(answer->status, answer->body) : answer.error().detail;
            console.err << terminal_text(why) << "\nTrying again until it answers." << std::endl;
        }
        std::this_thread::sleep_for(wait);
        wait = std::min(2 * wait, longest);
    }
}

// In a pipe as it is listed there.
std::string row_of(const Console& console, const boost::json::value& call, const TimeZone& zone) {
    if (console.terminal_columns > 0) return call_line(call, zone);
    const std::string table = render_calls(boost::json::array{call}, {0, false, zone, true});
    return table.substr(table.find('\n') + 1);
}

// Each call of the newest page once more whenever it has changed, oldest first.
int follow(Console& console, const ApiClient& client, CallsOptions& options, Output output,
           const TimeZone& zone) {
    ChangeListener changes(client);
    std::map<std::string, std::string> seen;  // What was told last, by call.
    if (output == Output::csv) console.out << calls_csv_head();
    if (output == Output::table && console.terminal_columns == 0) {
        console.out << trim(render_calls({}, {0, false, zone, true})) << "\n";
    }
    bool is_first = true;
    while (console.out.flush()) {
        const Asked asked = is_first ? ask(console, client, options.filters)
                                     : ask_again(console, client, options.filters);
        is_first = false;
        if (asked.code != exit_ok) return asked.code;
        const auto calls = found_in(calls_of(asked.page), options.search);
        std::map<std::string, std::string> now;
        for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
            const std::string id = text_member(*call, {"id", "call_sid"});
            std::string said = output == Output::csv ? call_csv(*call, console.terminal_columns > 0)
                               : output == Output::table ? row_of(console, *call, zone)
                                                         : jsonl_row(*call);
            const auto before = seen.find(id);
            if (before == seen.end() || before->second != said) console.out << said;
            now[id] = std::move(said);
        }
        seen = std::move(now);
        console.out.flush();
        changes.wait();
    }
    return exit_ok;
}

int calls(Console& console, const CommandLine& line, CallsOptions& options) {
    const auto output = output_of(line, options.output);
    if (!output) return unusable(console, output.error().detail);
    const GivenTimes times = given_times(console);
    if (const auto read = read_times(options, times); !read) {
        return unusable(console, read.error().detail);
    }
    if (options.follows && options.is_all) {
        return unusable(console, "--follow and --all exclude each other");
    }
    const std::string& phone = options.value_of("phone");
    if (!phone.empty() && phone.find_first_of("0123456789") == phone.npos) {
        return unusable(console, "--phone takes a number, or the digits at its end");
    }
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    // In a pipe times stay as they come.
    const TimeZone zone = console.terminal_columns > 0 ? zone_of(console) : TimeZone();
    widen(*client, options);
    if (options.follows) return follow(console, *client, options, *output, zone);
    CallsPrinter printer(console, *output, {console.terminal_columns, console.has_colour, zone});
    const bool asks_for_number =
        !options.value_of("phone").empty() || !options.search.digits.empty();
    const int code = list(console, *client, options, printer);
    if (code == exit_ok && asks_for_number && printer.count() == 0 && output == Output::table) {
        console.err << "  -> Twilio may know of one that wrapup does not: wrapup reconcile --from "
                       "yesterday --dry-run\n";
    }
    if (code == exit_ok && options.must_find && printer.count() == 0) return exit_failed;
    return code;
}

}  // namespace

int list_calls_of(Console& console, const CommandLine& line, const std::string& number) {
    CallsOptions options;
    options.value_of("phone") = number;
    options.must_find = true;
    return calls(console, line, options);
}

CommandSpec calls_command() {
    const auto options = std::make_shared<CallsOptions>();
    CommandSpec command{"calls", "List calls, newest first", notes, {}, {}, {}};
    for (auto& filter : options->filters) {
        OptionSpec option{filter.flag, filter.type, filter.help,  &filter.value,
                          false,       "",          filter.values};
        if (option.type.empty()) option.target = &filter.is_set;
        command.options.push_back(std::move(option));
    }
    const std::vector<OptionSpec> ours{
        {"--name", "NAME", "Part of the name, in any case", &options->name, false, ""},
        {"--since", "AGE", "The last so long: 2h, 3d (or a time)", &options->since, false, ""},
        {"--today", "", "Since midnight, in WRAPUP_TIMEZONE", &options->is_today, false, ""},
        {"--all", "", "All there are, page after page", &options->is_all, false, ""},
        {"--follow", "", "Go on with what changes, until Ctrl-C", &options->follows, false, ""},
        {"--output",
         "FORMAT",
         "table, json, jsonl, csv",
         &options->output,
         false,
         "",
         {"table", "json", "jsonl", "csv"}}};
    command.options.insert(command.options.end(), ours.begin(), ours.end());
    command.run = [options](Console& console, const CommandLine& line) {
        return calls(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
