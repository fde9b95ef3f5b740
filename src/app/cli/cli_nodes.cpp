#include <boost/json.hpp>
#include <ostream>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/short_time.hpp"
#include "app/cli/status_parts.hpp"
#include "base/console_text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(With DATABASE_URL several processes share the work. What one was started with
otherwise than the node that answers is named. Exit code 1: one is silent, or
was started with other settings.

Examples:
  wrapup nodes
  wrapup nodes --json)";

std::string number_of(const boost::json::value& value) {
    const auto* number = value.if_int64();
    return std::to_string(number == nullptr ? 0 : *number);
}

std::string text_of(const boost::json::value& node, Names names) {
    return terminal_text(text_member(node, names));
}

std::string words_of(const boost::json::value& node, const ListTimes& times, int columns) {
    std::string duties;
    for (const auto& one : list_member(node, {"duties"})) {
        if (const auto* name = one.if_string()) duties += " " + terminal_text(*name);
    }
    const std::string name = text_of(node, {"host"}) + ":" + number_of(member(node, {"pid"}));
    std::string words = name + "  " + text_of(node, {"state"}) + "  " + text_of(node, {"version"}) +
                        "  since " + times.of(node, {"since"}) + "  holds " +
                        number_of(member(node, {"holds.calls"})) + " calls, " +
                        number_of(member(node, {"holds.deliveries"})) + " deliveries";
    if (!duties.empty()) {
        const bool fits = columns == 0 || std::ssize(words + "  does" + duties) <= columns;
        words += (fits ? "  does" : "\n    does") + duties;
    }
    const std::string others = other_settings(node);
    return others.empty() ? words : words + "\n    other settings: " + others;
}

int show_nodes(Console& console, const CommandLine& line) {
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    const auto answer = client->get("/api/nodes");
    if (!answer) return unusable(console, answer.error().detail);
    const auto parsed = parse_answer_json(answer->body);
    if (answer->status != 200 || !parsed) {
        return failed(console, problem_text(answer->status, answer->body));
    }
    if (!member(*parsed, {"nodes"}).is_array()) return misshapen(console, "nodes");
    const auto& nodes = list_member(*parsed, {"nodes"});
    if (line.is_json) {
        console.out << answer->body << "\n";
    } else {
        const ListTimes times(console);
        const int columns = static_cast<int>(console.terminal_columns);
        for (const auto& node : nodes) console.out << words_of(node, times, columns) << "\n";
    }
    StatusAnswers answers;
    answers.nodes = *parsed;
    return node_troubles(answers).empty() ? exit_ok : exit_failed;
}

}  // namespace

CommandSpec nodes_command() {
    return {"nodes", "Which processes share the store", notes, {}, show_nodes, {}};
}

}  // namespace wrapup
