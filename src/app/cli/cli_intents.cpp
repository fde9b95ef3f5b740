#include "app/cli/cli_intents.hpp"

#include <boost/json.hpp>
#include <ostream>
#include <utility>
#include <vector>

#include "app/cli/api_client.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/short_time.hpp"
#include "base/console_text.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

std::string text_of(const boost::json::value& intent, Names names) {
    return terminal_text(text_member(intent, names));
}

std::string target_of(const IntentListOptions& options) {
    return with_query("/api/intents", {{"to", options.to},
                                       {"state", options.state},
                                       {"limit", options.limit},
                                       {"cursor", options.cursor}});
}

// What a person wants to know of it besides its state.
std::string remark_of(const boost::json::value& intent) {
    const std::string reason = text_of(intent, {"reason"});
    const std::string no_agent = text_of(intent, {"no_agent"});
    const std::string status = text_of(intent, {"status"});
    if (!reason.empty()) return reason;
    return no_agent.empty() ? status : status + ", " + no_agent;
}

std::string render_intents(const boost::json::value& page, const Console& console) {
    std::vector<std::vector<std::string>> rows = {
        {"ASKED FOR", "STATE", "WHY", "TO", "NEXT LOOK", "UNTIL", "CALL", "INTENT"}};
    const ListTimes times(console);
    const auto when = [&times](const boost::json::value& intent, Names names) {
        return times.of(intent, names);
    };
    for (const auto& intent : list_member(page, {"intents"})) {
        rows.push_back({when(intent, {"created_at"}), text_of(intent, {"state"}), remark_of(intent),
                        text_of(intent, {"to"}), when(intent, {"due_at"}),
                        when(intent, {"not_after"}), text_of(intent, {"call_sid"}),
                        text_of(intent, {"intent"})});
    }
    const std::string table = render_table(rows, console.terminal_columns);
    const std::size_t head_size = table.find('\n');
    return painted(table.substr(0, head_size), Paint::dim, console.has_colour) +
           table.substr(head_size);
}

}  // namespace

int run_list_intents(Console& console, const CommandLine& line, const IntentListOptions& options) {
    const auto client = open_api(console, line);
    const auto answer =
        client ? client->get(target_of(options)) : Result<ApiAnswer>(client.error());
    if (!answer) return unusable(console, answer.error().detail);
    const auto page = parse_answer_json(answer->body);
    if (answer->status != 200 || !page) {
        return refused(console, *answer);
    }
    if (!member(*page, {"intents"}).is_array()) return misshapen(console, "intents");
    if (line.is_json) {
        console.out << answer->body << "\n";
        return exit_ok;
    }
    if (list_member(*page, {"intents"}).empty()) {
        console.err << "Nothing was asked for.\n";
        return exit_ok;
    }
    console.out << render_intents(*page, console);
    const std::string cursor = text_of(*page, {"next_cursor"});
    if (!cursor.empty()) console.err << "More: add --cursor " << cursor << "\n";
    return exit_ok;
}

int run_cancel_intent(Console& console, const CommandLine& line, const std::string& id) {
    const auto client = open_api(console, line);
    const auto answer = client ? client->del("/api/intents/" + percent_encode(id))
                               : Result<ApiAnswer>(client.error());
    if (!answer) return unusable(console, answer.error().detail);
    const auto intent = parse_answer_json(answer->body);
    if (answer->status != 200 || !intent) {
        return refused(console, *answer);
    }
    if (line.is_json) {
        console.out << answer->body << "\n";
        return exit_ok;
    }
    const bool is_done = text_of(*intent, {"state"}) == "cancelled";
    console.out << (is_done ? "cancelled" : "will be cancelled as soon as Twilio says where it is")
                << "\n";
    return exit_ok;
}

}  // namespace wrapup
