#include "app/cli/status_parts.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "app/cli/delivery_words.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& object, Names names) {
    return terminal_text(text_member(object, names));
}

// As `wrapup nodes` and the log call it.
std::string name_of(const json::value& node) {
    return text_of(node, {"host"}) + ":" + text_of(node, {"pid"});
}

bool is_silent(const json::value& node) { return text_member(node, {"state"}) == "silent"; }
bool is_alive(const json::value& node) { return text_member(node, {"state"}) == "alive"; }

}  // namespace

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

std::string last_parked_for(const StatusAnswers& answers, std::string_view reason) {
    for (const json::value& delivery : list_member(answers.parked, {"deliveries"})) {
        const json::value attempt = last_attempt(delivery);
        const std::string status = text_of(attempt, {"http_status"});
        if (text_member(delivery, {"parked"}) != reason || status.empty()) continue;
        const std::string answer = truncate_utf8(text_of(attempt, {"answer"}), 120);
        return " " + text_of(delivery, {"destination"}) + " said HTTP " + status +
               (answer.empty() ? "" : ": " + answer) + " (wrapup show " +
               text_of(answers.parked, {"call.id"}) + ").";
    }
    return {};
}

std::string render_failing(const StatusAnswers& answers) {
    std::map<std::string, std::pair<std::string, std::int64_t>> failing;  // Last said, how many.
    for (const json::value& story : answers.waiting) {
        for (const json::value& delivery : list_member(story, {"deliveries"})) {
            const json::value attempt = last_attempt(delivery);
            const bool is_waiting = text_member(delivery, {"state"}) == "pending";
            if (!is_waiting || attempt.is_null()) continue;
            const std::string status = text_of(attempt, {"http_status"});
            auto& [said, count] = failing[text_of(delivery, {"destination"})];
            said = status.empty() ? text_of(attempt, {"error"}) : "HTTP " + status;
            count += 1;
        }
    }
    std::string out;
    for (const auto& [name, one] : failing) {
        const auto& [said, count] = one;
        const std::string many = count < 5 ? std::to_string(count) : "5 or more";
        out += wrapped("Not yet: " + name + " failed last with " + said + "; " + many +
                           (count == 1 ? " record is" : " records are") + " tried again.",
                       78, 2) +
               "\n";
    }
    return out;
}

}  // namespace wrapup
