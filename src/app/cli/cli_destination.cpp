#include <boost/json.hpp>
#include <memory>
#include <ostream>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/delivery_words.hpp"
#include "app/cli/short_time.hpp"
#include "base/console_text.hpp"
#include "base/json_string.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

constexpr const char* notes = R"(While a destination is paused, calls settle and their records wait.

Examples:
  wrapup destination list
  wrapup destination pause crm
  wrapup destination resume crm)";

// `wanted`: the member without which the answer says nothing.
int report(Console& console, const CommandLine& line, const Result<ApiAnswer>& answer,
           const char* wanted,
           const std::function<std::string(const boost::json::value&)>& render) {
    if (!answer) return unusable(console, answer.error().detail);
    const auto parsed = parse_answer_json(answer->body);
    if (answer->status < 200 || answer->status > 299 || !parsed) return refused(console, *answer);
    if (member(*parsed, {wanted}).is_null()) return misshapen(console, wanted);
    console.out << (line.is_json ? answer->body + "\n" : render(*parsed));
    return exit_ok;
}

// As STATE and BREAKER say.
std::string since_of(const boost::json::value& row, const ListTimes& times) {
    const std::string failing = times.of(row, {"breaker_since"});
    return text_member(row, {"state"}) != "active" || failing.empty() ? times.of(row, {"since"})
                                                                      : failing;
}

std::string render_destinations(const boost::json::value& answer, const Console& console) {
    constexpr std::size_t columns_usual = 6;
    const ListTimes times(console);
    std::vector<std::vector<std::string>> rows = {
        {"NAME", "STATE", "BREAKER", "PENDING", "PARKED", "SINCE"}};
    const auto& list = list_member(answer, {"destinations"});
    for (const auto& row : list) {
        rows.push_back({terminal_text(text_member(row, {"name"})),
                        terminal_text(text_member(row, {"state"})),
                        terminal_text(text_member(row, {"breaker"})),
                        terminal_text(text_member(row, {"pending"})),
                        terminal_text(text_member(row, {"parked"})), since_of(row, times)});
        const std::string retry_at = times.of(row, {"retry_at"});
        if (retry_at.empty()) continue;
        rows.front().resize(columns_usual);
        rows.front().emplace_back("NEXT TRY");
        rows.back().push_back(retry_at);
    }
    if (rows.size() == 1) return "No destinations.\n";
    std::string out = render_table(rows, console.terminal_columns);
    for (const auto& row : list) {
        const std::string by = paused_by(row);
        if (by.empty()) continue;
        out += "\n" +
               wrapped(terminal_text(text_member(row, {"name"})) + " is paused" + by, 78, 2) + "\n";
    }
    for (const auto& row : list) {
        const std::string earlier = terminal_text(text_member(row, {"earlier"}));
        if (earlier.empty() || earlier == "0") continue;
        const std::string name = terminal_text(text_member(row, {"name"}));
        out += "\n" + earlier + (earlier == "1" ? " call" : " calls") + " settled without " + name +
               ", which is new or was away. To send the records:\n  wrapup replay --destination " +
               name + " --earlier\n";
    }
    for (const auto& row : list) {
        const std::string parked = text_member(row, {"parked"});
        if (text_member(row, {"state"}) != "removed" || parked == "0") continue;
        const std::string name = terminal_text(text_member(row, {"name"}));
        out += "\nNo settings name " + name + " any more; " + terminal_text(parked) +
               (parked == "1" ? " record is" : " records are") +
               " parked for it. To send them elsewhere:\n  wrapup replay --destination " + name +
               " --to NAME\nTo give them up:\n  wrapup replay --destination " + name +
               " --give-up --reason TEXT\n";
    }
    return out;
}

int list_destinations(Console& console, const CommandLine& line) {
    const auto client = open_api(console, line);
    const auto answer =
        client ? client->get("/api/destinations") : Result<ApiAnswer>(client.error());
    return report(console, line, answer, "destinations", [&](const boost::json::value& body) {
        return render_destinations(body, console);
    });
}

int change_destination(Console& console, const CommandLine& line, const std::string& name,
                       const std::string& verb, const std::string& reason) {
    const auto client = open_api(console, line);
    const std::string body = reason.empty() ? "{}" : R"({"reason":)" + json_quoted(reason) + "}";
    const auto answer =
        client ? client->post("/api/destinations/" + percent_encode(name) + "/" + verb, body)
               : Result<ApiAnswer>(client.error());
    if (answer && answer->status == 404 && !line.is_json) {
        const int code = refused(console, *answer);
        console.err << "  -> wrapup destination list names those that there are\n";
        return code;
    }
    return report(console, line, answer, "state", [&](const boost::json::value& done) {
        const bool is_probed = flag_member(done, {"probe"});
        return terminal_text(name) + " is " + terminal_text(text_member(done, {"state"})) +
               (is_probed ? "; it was in trouble, a record is tried now\n" : "\n");
    });
}

CommandSpec change_command(const std::string& verb, const std::string& help) {
    const auto name = std::make_shared<std::string>();
    const auto reason = std::make_shared<std::string>();
    CommandSpec command{verb, help, "Example:\n  wrapup destination " + verb + " crm", {}, {}, {}};
    command.options = {
        {"NAME", "", "The destination, e.g. crm", name.get(), true, "", {}, NamesOf::destinations},
        {"--reason", "TEXT", "Why, for the log and for who looks", reason.get(), false, ""}};
    command.run = [name, reason, verb](Console& console, const CommandLine& line) {
        return change_destination(console, line, *name, verb, *reason);
    };
    return command;
}

}  // namespace

CommandSpec destination_command() {
    CommandSpec list{"list", "Each destination and its state", "", {}, list_destinations, {}};
    list.notes = "Example:\n  wrapup destination list --json";
    CommandSpec command{"destination", "List, pause or resume destinations", notes, {}, {}, {}};
    command.commands = {std::move(list), change_command("pause", "Hold records back"),
                        change_command("resume", "Let records go again")};
    return command;
}

}  // namespace wrapup
