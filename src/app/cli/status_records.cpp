#include "app/cli/status_records.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "app/cli/delivery_words.hpp"
#include "app/cli/status_parts.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::size_t answer_bytes_shown = 120;

// "crm said HTTP 503: busy", or what went wrong without an answer; empty: nothing was tried.
std::string said_last(const json::value& delivery) {
    const json::value attempt = last_attempt(delivery);
    const std::string who = text_of(delivery, {"destination"});
    const std::string status = text_of(attempt, {"http_status"});
    if (!status.empty()) {
        const std::string answer = truncate_utf8(text_of(attempt, {"answer"}), answer_bytes_shown);
        return who + " said HTTP " + status + (answer.empty() ? "" : ": " + answer);
    }
    const std::string error = text_of(attempt, {"error"});
    if (error.empty()) return {};
    const bool is_lost = text_member(attempt, {"outcome"}) == "unknown";
    return who + (is_lost ? " gave no answer that we got: " : " failed with ") + error;
}

std::string show_command(const json::value& story) {
    return "wrapup show " + text_of(story, {"call.id"});
}

bool has_failed(const json::value& delivery) {
    return text_member(delivery, {"state"}) == "pending" && !last_attempt(delivery).is_null();
}

// "crm said HTTP 503: busy (wrapup show CA…)", of the record that it failed to take last,
// `pending`: of those that wait; empty: none is known.
enum class Of { any, pending };
std::string last_failure(const StatusAnswers& answers, std::string_view destination, Of which) {
    for (const auto* stories : {&answers.failing, &answers.waiting}) {
        for (const json::value& story : *stories) {
            for (const json::value& delivery : list_member(story, {"deliveries"})) {
                if (text_member(delivery, {"destination"}) != destination) continue;
                if (which == Of::pending && !has_failed(delivery)) continue;
                const std::string said = said_last(delivery);
                if (!said.empty()) return said + " (" + show_command(story) + ")";
            }
        }
    }
    return {};
}

// Records that wait for another try. What is counted by failures is parked as well; what is parked
// by destinations may have been tried never.
std::int64_t failing_count(const StatusAnswers& answers, const json::value& destination) {
    const std::string name = text_member(destination, {"name"});
    std::int64_t failed = 0;
    for (const json::value& group : list_member(answers.failures, {"failures"})) {
        if (text_member(group, {"destination"}) == name) failed += number_of(group, {"count"});
    }
    std::int64_t seen = 0;
    for (const json::value& story : answers.waiting) {
        seen += std::ranges::count_if(
            list_member(story, {"deliveries"}), [&](const json::value& delivery) {
                return text_member(delivery, {"destination"}) == name && has_failed(delivery);
            });
    }
    const std::int64_t pending = number_of(destination, {"pending"});
    return std::min(pending, std::max(seen, failed - number_of(destination, {"parked"})));
}

bool is_open(const json::value& row) {
    return text_member(row, {"state"}) == "active" && text_member(row, {"breaker"}) == "closed";
}

// What sends records that wait for this reason (docs/operations.md has the same).
std::string next_for_parked(std::string_view reason) {
    const std::string replay = "wrapup replay --parked " + terminal_text(reason);
    if (reason == "disabled") {
        return "switch it on (ENABLE_CRM_WEBHOOK=true, or enabled = true), restart, then " + replay;
    }
    if (reason == "unknown_outcome") return "look in the CRM, then " + replay;
    if (reason == "destination_gone") {
        return "mend its URL, restart, then wrapup destination resume NAME, or name it in the "
               "settings again; or wrapup replay --destination NAME --to ANOTHER";
    }
    if (reason == "blocked_address") {
        return "change the URL or set WRAPUP_ALLOW_PRIVATE_TARGETS=true, restart, then " + replay;
    }
    if (reason == "rejected" || reason == "dead") return "mend the CRM, then " + replay;
    return "wrapup calls --state parked, then wrapup show SID";
}

bool is_any_gone(const StatusAnswers& answers) {
    for (const json::value& row : list_member(answers.destinations, {"destinations"})) {
        const std::string state = text_of(row, {"state"});
        if (state == "gone" || (state == "removed" && number_of(row, {"parked"}) > 0)) return true;
    }
    return false;
}

// ". crm said HTTP 422: no such field (wrapup show CA…, and 2 more).": of the newest call that is
// parked for it.
std::string newest_parked(const StatusAnswers& answers, std::string_view reason,
                          std::int64_t count) {
    for (const json::value& story : answers.parked) {
        std::string said;
        bool is_it = text_member(story, {"call.parked"}) == reason;
        for (const json::value& delivery : list_member(story, {"deliveries"})) {
            if (text_member(delivery, {"parked"}) != reason) continue;
            is_it = true;
            if (said.empty()) said = said_last(delivery);
        }
        if (!is_it) continue;
        return (said.empty() ? "" : ". " + said) + " (" + show_command(story) +
               (count > 1 ? ", and " + std::to_string(count - 1) + " more" : "") + ").";
    }
    return ".";
}

// What the destinations said last, where that is no part of why it waits.
std::string last_answers_of(const json::value& story, const std::string& why) {
    std::string said;
    for (const json::value& delivery : list_member(story, {"deliveries"})) {
        const json::value attempt = last_attempt(delivery);
        if (text_member(delivery, {"state"}) == "accepted" || attempt.is_null()) continue;
        const std::string status = text_of(attempt, {"http_status"});
        const std::string answer = status.empty() ? text_of(attempt, {"error"}) : "HTTP " + status;
        const bool is_told = why.find(answer) != std::string::npos || answer.empty();
        if (is_told) continue;
        said += " Last answer of " + text_of(delivery, {"destination"}) + ": " + answer + ".";
    }
    return said;
}

}  // namespace

std::vector<StatusTrouble> destination_troubles(const StatusAnswers& answers) {
    std::vector<StatusTrouble> found;
    for (const json::value& row : list_member(answers.destinations, {"destinations"})) {
        const std::string name = text_of(row, {"name"});
        const std::string state = text_of(row, {"state"});
        const std::string breaker = text_of(row, {"breaker"});
        const std::int64_t count = number_of(row, {"pending"});
        const std::string pending = counted(count, "record waits", "records wait");
        if (state == "gone") {
            found.push_back({name + " answered 410 (gone): nothing is sent to it any more.",
                             "mend its URL, restart, then wrapup destination resume " + name});
        } else if (state == "removed" && number_of(row, {"parked"}) > 0) {
            found.push_back({"No settings name " + name + " any more; " +
                                 counted(number_of(row, {"parked"}), "record is", "records are") +
                                 " parked for it.",
                             "name it in the settings again, or wrapup replay --destination " +
                                 name + " --to ANOTHER"});
        } else if (state == "paused" && count > 0) {
            found.push_back({name + " is paused" + paused_by(row) + "; " + pending + ".",
                             "wrapup destination resume " + name});
        } else if (state == "active" && !breaker.empty() && breaker != "closed") {
            const std::string since = text_of(row, {"breaker_since"});
            const std::string probe = text_of(row, {"retry_at"});
            const std::string said = last_failure(answers, text_member(row, {"name"}), Of::any);
            found.push_back({name + " does not take records (breaker " + breaker +
                                 (since.empty() ? "" : " since " + since) + "); " + pending +
                                 (probe.empty() ? "." : ", next try " + probe + ".") +
                                 (said.empty() ? "" : " Last: " + said + "."),
                             "mend the CRM, then wrapup destination resume " + name});
        }
    }
    return found;
}

// Calls are counted by one reason, and another destination's may be another one.
void add_parked_elsewhere(std::vector<StatusTrouble>& found, const StatusAnswers& answers,
                          const json::value& counts) {
    std::set<std::string> told;
    for (const json::value& story : answers.parked) {
        for (const json::value& delivery : list_member(story, {"deliveries"})) {
            const std::string reason = text_member(delivery, {"parked"});
            const bool is_told = reason == "destination_gone" && is_any_gone(answers);
            const bool is_meant = reason.empty() || reason == "forgotten" || reason == "given_up";
            if (is_told || is_meant || number_of(counts, {reason}) > 0 ||
                !told.insert(reason).second)
                continue;
            const std::string said = said_last(delivery);
            found.push_back({"For " + text_of(delivery, {"destination"}) + " also parked: " +
                                 terminal_text(reason) + (said.empty() ? "" : ". " + said) + " (" +
                                 show_command(story) + ").",
                             next_for_parked(reason)});
        }
    }
}

std::vector<StatusTrouble> parked_troubles(const StatusAnswers& answers) {
    std::vector<StatusTrouble> found;
    const json::value& parked = member(answers.stats, {"now.parked"});
    if (!parked.is_object()) return found;
    for (const auto& [key, value] : parked.get_object()) {
        const std::string_view reason(key.data(), key.size());
        const std::int64_t count = number_of(parked, {reason});
        if (count == 0 || reason == "forgotten" || reason == "given_up") continue;
        if (reason == "destination_gone" && is_any_gone(answers)) continue;  // Told with its name.
        found.push_back({counted(count, "call is", "calls are") + " parked: " +
                             terminal_text(reason) + newest_parked(answers, reason, count),
                         next_for_parked(reason)});
    }
    add_parked_elsewhere(found, answers, parked);
    return found;
}

std::vector<StatusTrouble> notes_of(const StatusAnswers& answers) {
    std::vector<StatusTrouble> notes;
    for (const json::value& row : list_member(answers.destinations, {"destinations"})) {
        const std::string name = text_member(row, {"name"});
        if (text_member(row, {"state"}) == "paused" && number_of(row, {"pending"}) == 0) {
            notes.push_back(
                {terminal_text(name) + " is paused" + paused_by(row) + "; no record waits.",
                 "wrapup destination resume " + terminal_text(name)});
        }
        if (!is_open(row) || has_alert(answers, "crm_refuses:" + name)) continue;
        const std::int64_t count = failing_count(answers, row);
        if (count == 0) continue;
        std::string said = last_failure(answers, name, Of::pending);
        if (said.empty()) said = terminal_text(name) + " fails";
        notes.push_back({"Not yet: " + said + "; " + counted(count, "record is", "records are") +
                             " tried again.",
                         ""});
    }
    return notes;
}

std::string render_parked(const StatusAnswers& answers) {
    const json::value& parked = member(answers.stats, {"now.parked"});
    if (!parked.is_object()) return {};
    std::string counts;
    for (const auto& [key, value] : parked.get_object()) {
        const std::string_view reason(key.data(), key.size());
        const std::int64_t count = number_of(parked, {reason});
        if (count == 0) continue;
        counts +=
            (counts.empty() ? "" : ", ") + std::to_string(count) + " " + terminal_text(reason);
    }
    return counts.empty() ? "" : wrapped("Parked: " + counts + ".", 78, 2) + "\n";
}

std::string render_destinations(const StatusAnswers& answers) {
    std::vector<std::vector<std::string>> rows = {
        {"DESTINATION", "STATE", "BREAKER", "WAITING", "PARKED"}};
    for (const json::value& row : list_member(answers.destinations, {"destinations"})) {
        rows.push_back({text_of(row, {"name"}), text_of(row, {"state"}), text_of(row, {"breaker"}),
                        text_of(row, {"pending"}), text_of(row, {"parked"})});
    }
    return rows.size() == 1 ? "none\n" : render_table(rows);
}

std::string render_waiting(const StatusAnswers& answers, const ListTimes& times) {
    std::vector<std::pair<std::string, std::string>> groups;  // Why, and the calls' lines.
    for (const json::value& story : answers.waiting) {
        std::string why = text_of(story, {"why"});
        why = times.sentence(why + last_answers_of(story, why));
        auto group = std::ranges::find(groups, why, &std::pair<std::string, std::string>::first);
        if (group == groups.end()) group = groups.insert(groups.end(), {why, ""});
        group->second += text_of(story, {"call.id"}) + "\n";
    }
    std::string out;
    for (const auto& [why, calls] : groups) out += calls + "  " + wrapped(why, 76, 2) + "\n";
    return out;
}

}  // namespace wrapup
