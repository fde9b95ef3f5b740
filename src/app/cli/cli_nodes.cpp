#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(With DATABASE_URL several processes share the work. Exit code 1: one is silent.

Examples:
  wrapup nodes
  wrapup nodes --json)";

std::string number_of(const boost::json::value& value) {
    const auto* number = value.if_int64();
    return std::to_string(number == nullptr ? 0 : *number);
}

std::string words_of(const boost::json::value& node) {
    std::string duties;
    for (const auto& one : list_member(node, {"duties"})) {
        if (const auto* name = one.if_string()) duties += " " + std::string(*name);
    }
    const std::string name = text_member(node, {"host"}) + ":" + number_of(member(node, {"pid"}));
    return name + "  " + text_member(node, {"state"}) + "  " + text_member(node, {"version"}) +
           "  since " + text_member(node, {"since"}) + "  holds " +
           number_of(member(node, {"holds.calls"})) + " calls, " +
           number_of(member(node, {"holds.deliveries"})) + " deliveries" +
           (duties.empty() ? "" : "  does" + duties);
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
    const auto& nodes = list_member(*parsed, {"nodes"});
    if (line.is_json) {
        console.out << answer->body << "\n";
    } else {
        for (const auto& node : nodes) console.out << words_of(node) << "\n";
    }
    const bool is_any_silent = std::ranges::any_of(
        nodes, [](const auto& node) { return text_member(node, {"state"}) == "silent"; });
    return is_any_silent ? exit_failed : exit_ok;
}

}  // namespace

CommandSpec nodes_command() {
    return {"nodes", "Which processes share the store", notes, {}, show_nodes, {}};
}

}  // namespace wrapup
