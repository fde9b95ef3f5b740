#include "app/cli/delivery_words.hpp"

#include <algorithm>

#include "base/console_text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace json = boost::json;

std::set<std::string> waited_for(const ApiClient& client) {
    std::set<std::string> names;
    const auto answer = client.get("/api/destinations");
    const auto parsed =
        answer ? parse_answer_json(answer->body) : Result<json::value>(json::value());
    if (!parsed) return names;
    for (const json::value& one : list_member(*parsed, {"destinations"})) {
        const bool is_open =
            text_member(one, {"state"}) == "active" && text_member(one, {"breaker"}) == "closed";
        if (!is_open) names.insert(text_member(one, {"name"}));
    }
    return names;
}

namespace {

bool is_at_end(const json::value& delivery) {
    const std::string state = text_member(delivery, {"state"});
    return state == "accepted" || state == "parked";
}

}  // namespace

bool has_ended(const json::value& story, const std::set<std::string>& waited) {
    const std::string state = text_member(story, {"call.state"});
    if (state != "delivering" && state != "parked") return state != "open" && state != "settling";
    const auto& deliveries = list_member(story, {"deliveries"});
    if (deliveries.empty()) return state == "parked";
    return std::all_of(deliveries.begin(), deliveries.end(), [&](const json::value& delivery) {
        if (is_at_end(delivery)) return true;
        if (flag_member(delivery, {"in_progress"})) return false;
        return !list_member(delivery, {"attempts"}).empty() ||
               waited.contains(text_member(delivery, {"destination"}));
    });
}

std::string paused_by(const json::value& destination) {
    std::string who = text_member(destination, {"paused_by"});
    if (who.empty()) return {};
    who = who == "api" ? "by the API" : (who == "dashboard" ? "in the " : "at the ") + who;
    const std::string reason = text_member(destination, {"reason"});
    return " (" + terminal_text(who + (reason.empty() ? "" : ": " + reason)) + ")";
}

json::value last_attempt(const json::value& delivery) {
    const auto& attempts = list_member(delivery, {"attempts"});
    return attempts.empty() ? json::value() : attempts.back();
}

std::string outcome_of(const json::value& delivery) {
    const json::value attempt = last_attempt(delivery);
    const std::string status = text_member(attempt, {"http_status"});
    std::string said = status.empty() ? text_member(attempt, {"error"}) : "HTTP " + status;
    if (text_member(attempt, {"outcome"}) == "unknown") said = "the answer was lost: " + said;
    const std::string state = text_member(delivery, {"state"});
    if (state == "accepted") return "accepted (" + said + ").";
    if (!said.empty()) said = " (" + said + ")";
    if (state == "parked") return "parked as " + text_member(delivery, {"parked"}) + said + ".";
    if (flag_member(delivery, {"in_progress"})) return "being sent right now.";
    if (said.empty()) return "waits until the destination takes records.";
    return "failed" + said + ", tried again " + text_member(delivery, {"due_at"}) + ".";
}

}  // namespace wrapup
