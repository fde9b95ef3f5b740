#include "app/cli/status_parts.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

// As `wrapup nodes` and the log call it.
std::string name_of(const json::value& node) {
    return text_of(node, {"host"}) + ":" + text_of(node, {"pid"});
}

bool is_silent(const json::value& node) { return text_member(node, {"state"}) == "silent"; }
bool is_alive(const json::value& node) { return text_member(node, {"state"}) == "alive"; }

}  // namespace

std::string text_of(const json::value& object, Names names) {
    return terminal_text(text_member(object, names));
}

std::int64_t number_of(const json::value& object, Names names) {
    return parse_int(text_member(object, names)).value_or(0);
}

std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

bool has_alert(const StatusAnswers& answers, std::string_view key) {
    const auto is_it = [&](const auto& row) { return text_member(row, {"alert"}) == key; };
    return std::ranges::any_of(list_member(answers.status, {"alerts"}), is_it);
}

std::string other_settings(const json::value& node) {
    std::string names;
    for (const json::value& name : list_member(node, {"other_settings"})) {
        if (!name.is_string()) continue;
        names += (names.empty() ? "" : ", ") + terminal_text(name.get_string());
    }
    return names;
}

std::vector<StatusTrouble> node_troubles(const StatusAnswers& answers) {
    std::vector<StatusTrouble> found;
    for (const json::value& node : list_member(answers.nodes, {"nodes"})) {
        const std::string name = "Node " + name_of(node);
        const std::string others = other_settings(node);
        if (is_silent(node)) {
            found.push_back({name + " has stopped without a word, last seen " +
                                 text_of(node, {"last_seen_at"}) + "; the others do its work.",
                             "see its log and start it again, then wrapup nodes"});
        } else if (!others.empty() && is_alive(node)) {
            const bool is_token = others.find("WRAPUP_API_TOKEN") != std::string::npos;
            found.push_back({name + " has other settings than this one: " + others + "." +
                                 (is_token ? " The API token of one is refused by the other." : ""),
                             "make them the same on all nodes and restart those that change, then "
                             "wrapup nodes"});
        }
    }
    return found;
}

bool is_of_silent_node(const StatusAnswers& answers, std::string_view alert) {
    return std::ranges::any_of(list_member(answers.nodes, {"nodes"}), [&](const auto& node) {
        return is_silent(node) && alert == "node_silent:" + name_of(node);
    });
}

std::string at_this_node(const StatusAnswers& answers) {
    const auto& nodes = list_member(answers.nodes, {"nodes"});
    const auto count = std::ranges::count_if(nodes, is_alive);
    return count < 2 ? "" : " at this node, one of " + std::to_string(count);
}

}  // namespace wrapup
