#include <boost/json.hpp>
#include <memory>
#include <ostream>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "base/console_text.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

constexpr const char* notes = R"(Examples:
  wrapup calls                          the newest fifty
  wrapup calls --state parked           what waits for a person
  wrapup calls --parked rejected        what the CRM refused
  wrapup calls --status voicemail --after 2026-03-01
  wrapup calls --phone +61255501234 --json)";

struct Filter {
    const char* flag;
    const char* parameter;  // Of GET /api/calls.
    const char* type;       // Empty: a flag.
    const char* help;
    std::string value;
    bool is_set = false;  // Of a flag.
};
using Filters = std::vector<Filter>;

Filters no_filters() {
    return {
        {"--state", "state", "STATE", "open, settling, delivering, delivered, parked", ""},
        {"--parked", "parked", "REASON", "dead, rejected, disabled, ...", ""},
        {"--status", "status", "STATUS", "held, voicemail, \"no answer\", ...", ""},
        {"--campaign", "campaign", "NAME", "The campaign's name", ""},
        {"--no-campaign", "no_campaign", "", "Calls whose record has no campaign", ""},
        {"--phone", "phone", "NUMBER", "The number called", ""},
        {"--sid", "callSid", "SID", "The CallSid", ""},
        {"--conversation", "conversationId", "ID", "The ElevenLabs conversation", ""},
        {"--after", "after", "TIME", "First event at or after (date, RFC 3339)", ""},
        {"--before", "before", "TIME", "First event before", ""},
        {"--from", "from", "TIME", "Counted in the ledger from then on", ""},
        {"--to", "to", "TIME", "Counted in the ledger before", ""},
        {"--limit", "limit", "N", "At most so many", ""},
        {"--cursor", "cursor", "CURSOR", "Goes on after the page before", ""},
    };
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

std::string text_of(const boost::json::value& call, Names names) {
    return terminal_text(text_member(call, names));
}

std::string render_calls(const boost::json::value& page, const Console& console) {
    std::vector<std::vector<std::string>> rows = {
        {"FIRST EVENT", "STATE", "STATUS", "SECONDS", "TO", "DUE", "CALL"}};
    for (const auto& call : list_member(page, {"calls", "items", "data"})) {
        const auto at = time_member(call, {"first_event_at", "firstEventAt"});
        const auto due_at = time_member(call, {"due_at", "dueAt"});
        const std::string parked = text_of(call, {"parked", "park_reason"});
        const std::string state = text_of(call, {"state"});
        rows.push_back({at ? format_rfc3339(*at) : "",
                        parked.empty() ? state : state + " " + parked,
                        text_of(call, {"status", "outcome"}),
                        text_of(call, {"duration_s", "duration"}), text_of(call, {"to"}),
                        due_at ? format_rfc3339(*due_at) : "", text_of(call, {"id", "call_sid"})});
    }
    const std::string table = render_table(rows, console.terminal_columns);
    const std::size_t head_size = table.find('\n');
    return painted(table.substr(0, head_size), Paint::dim, console.has_colour) +
           table.substr(head_size);
}

int calls(Console& console, const CommandLine& line, const Filters& filters) {
    const auto client = open_api(console, line);
    const auto answer =
        client ? client->get(target_of(filters)) : Result<ApiAnswer>(client.error());
    if (!answer) return unusable(console, answer.error().detail);
    const auto page = parse_answer_json(answer->body);
    if (answer->status != 200 || !page) return refused(console, *answer);
    if (line.is_json) {
        console.out << answer->body << "\n";
        return exit_ok;
    }
    const std::string cursor = text_of(*page, {"next_cursor", "nextCursor", "cursor"});
    const bool is_empty = list_member(*page, {"calls", "items", "data"}).empty();
    if (!is_empty) console.out << render_calls(*page, console);
    if (is_empty) console.err << (cursor.empty() ? "No calls.\n" : "None so far.\n");
    if (!cursor.empty()) console.err << "More: add --cursor " << cursor << "\n";
    return exit_ok;
}

}  // namespace

CommandSpec calls_command() {
    const auto filters = std::make_shared<Filters>(no_filters());
    CommandSpec command{"calls", "List calls, newest first", notes, {}, {}, {}};
    for (auto& filter : *filters) {
        OptionSpec option{filter.flag, filter.type, filter.help, &filter.value, false, ""};
        if (option.type.empty()) option.target = &filter.is_set;
        command.options.push_back(std::move(option));
    }
    command.run = [filters](Console& console, const CommandLine& line) {
        return calls(console, line, *filters);
    };
    return command;
}

}  // namespace wrapup
