#include "app/cli/status_view.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "app/cli/delivery_words.hpp"
#include "app/cli/status_parts.hpp"
#include "app/doctor/doctor.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& object, Names names) {
    return terminal_text(text_member(object, names));
}

std::int64_t number_of(const json::value& object, Names names) {
    return parse_int(text_member(object, names)).value_or(0);
}

std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

// "5 s", "12 min", "3 h", "4 d" before `now`; empty when there is no such time.
std::string age_of(const json::value& object, Names names, std::optional<UtcTime> now) {
    const auto at = time_member(object, names);
    if (!at) return {};
    if (!now) return format_rfc3339(*at);
    const std::int64_t s = std::max<std::int64_t>(0, to_unix_s(*now) - to_unix_s(*at));
    if (s < 120) return std::to_string(s) + " s ago";
    if (s < 7200) return std::to_string(s / 60) + " min ago";
    if (s < 172'800) return std::to_string(s / 3600) + " h ago";
    return std::to_string(s / 86'400) + " d ago";
}

// ---- What is wrong ----

using Findings = std::vector<StatusTrouble>;

void find_store(const StatusAnswers& answers, Findings& found) {
    const std::string state = text_of(answers.ready, {"dependencies.store"});
    if (state.empty() || state == "ok") return;
    found.push_back(
        {"The store cannot be written: no event is acknowledged.", "wrapup doctor", "store"});
}

bool is_store_well(const StatusAnswers& answers) {
    return text_of(answers.ready, {"dependencies.store"}) == "ok";
}

// What is not said is not well. With a store that is away most is not.
void find_unanswered(const StatusAnswers& answers, Findings& found) {
    if (answers.unanswered.empty() || !found.empty()) return;
    std::string paths;
    for (const std::string& path : answers.unanswered) paths += (paths.empty() ? "" : ", ") + path;
    found.push_back(
        {"Not all is known: the server does not answer " + paths + " as this version expects.",
         "wrapup doctor"});
}

void find_changed_settings(const StatusAnswers& answers, Findings& found) {
    std::vector<std::string> names;
    for (const json::value& name : list_member(answers.settings, {"changed"})) {
        if (name.is_string()) names.push_back(terminal_text(name.get_string()));
    }
    for (const Finding& one : judge_changed(names)) {
        found.push_back({one.text + ".", one.advice, "settings"});
    }
}

// Before a record is parked for it.
void find_private_addresses(const StatusAnswers& answers, Findings& found) {
    for (const json::value& row : list_member(answers.settings, {"findings"})) {
        const std::string text = text_of(row, {"text"});
        if (!text.ends_with(at_private_address)) continue;
        found.push_back({text + ".", text_of(row, {"advice"})});
    }
}

void find_destinations(const StatusAnswers& answers, Findings& found) {
    for (const json::value& row : list_member(answers.destinations, {"destinations"})) {
        const std::string name = text_of(row, {"name"});
        const std::string state = text_of(row, {"state"});
        const std::string breaker = text_of(row, {"breaker"});
        const std::string pending =
            counted(number_of(row, {"pending"}), "record waits", "records wait");
        if (state == "gone") {
            found.push_back({name + " answered 410 (gone): nothing is sent to it any more.",
                             "mend its URL, restart, then wrapup destination resume " + name});
        } else if (state == "removed" && number_of(row, {"parked"}) > 0) {
            found.push_back({"No settings name " + name + " any more; " +
                                 counted(number_of(row, {"parked"}), "record is", "records are") +
                                 " parked for it.",
                             "name it in the settings again, or wrapup replay --destination " +
                                 name + " --to ANOTHER"});
        } else if (state == "paused") {
            found.push_back(
                {name + " is paused; " + pending + ".", "wrapup destination resume " + name});
        } else if (state == "active" && !breaker.empty() && breaker != "closed") {
            const std::string probe = text_of(row, {"retry_at"});
            found.push_back({name + " does not take records (breaker " + breaker + "); " + pending +
                                 (probe.empty() ? "." : ", next try " + probe + "."),
                             "mend the CRM, then wrapup destination resume " + name});
        }
    }
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
               "settings "
               "again; or wrapup replay --destination NAME --to ANOTHER";
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

void find_parked(const StatusAnswers& answers, Findings& found) {
    const json::value& parked = member(answers.stats, {"now.parked"});
    if (!parked.is_object()) return;
    for (const auto& [key, value] : parked.get_object()) {
        const std::string_view reason(key.data(), key.size());
        const std::int64_t count = number_of(parked, {reason});
        if (count == 0 || reason == "forgotten" || reason == "given_up") continue;
        if (reason == "destination_gone" && is_any_gone(answers)) continue;  // Told with its name.
        found.push_back({counted(count, "call is", "calls are") + " parked: " +
                             terminal_text(reason) + "." + last_parked_for(answers, reason),
                         next_for_parked(reason)});
    }
}

// Causes that a sender's request is refused for although it may be a sender's.
bool may_be_a_sender(std::string_view cause) {
    constexpr std::array strangers{"no_token", "bad_token", "token_rate"};
    return std::find(strangers.begin(), strangers.end(), cause) == strangers.end();
}

constexpr const char* wrong_server_url = "wrong_server_url";
constexpr const char* not_stored = "not_stored";

void find_refused(const StatusAnswers& answers, Findings& found) {
    const std::string matching = text_of(answers.settings, {"server_url_that_would_match"});
    for (const json::value& row : list_member(answers.status, {"refused"})) {
        const std::string cause = text_of(row, {"cause"});
        const std::int64_t count = number_of(row, {"last_hour"});
        if (count == 0 || !may_be_a_sender(cause)) continue;
        if (cause == not_stored && is_store_well(answers)) continue;  // Over: senders repeat.
        found.push_back({counted(count, "request was", "requests were") +
                             " refused within the last hour" + at_this_node(answers) + ": " +
                             cause + ". A sender that is refused is a call that may be lost.",
                         cause == wrong_server_url && !matching.empty()
                             ? "set SERVER_URL=" + matching + ", which would match, and restart"
                             : "wrapup doctor",
                         "refused:" + cause});
    }
}

void find_vendors(const StatusAnswers& answers, Findings& found) {
    const auto now = time_member(answers.status, {"now"});
    for (const auto& [key, name] :
         {std::pair{"twilio.trouble", "Twilio"}, {"elevenlabs.trouble", "ElevenLabs"}}) {
        const json::value& trouble = member(answers.reconciliation, {key});
        if (!trouble.is_object()) continue;
        const std::string what = text_of(trouble, {"what"});
        const std::string whose = what.starts_with(name) ? "" : std::string(name) + ": ";
        found.push_back({whose + what + ", first " + age_of(trouble, {"since"}, now) + ".",
                         "wrapup doctor", to_lower(name)});
    }
    for (const json::value& row : list_member(answers.reconciliation, {"webhooks"})) {
        if (!flag_member(row, {"is_auto_disabled"}) && !flag_member(row, {"is_disabled"})) continue;
        found.push_back({"ElevenLabs' webhook " + text_of(row, {"name"}) + " is switched off.",
                         "switch it on in ElevenLabs' settings; wrapup doctor"});
    }
}

bool is_told(const StatusAnswers& answers, std::string_view key) {
    for (const json::value& row : list_member(answers.status, {"alerts"})) {
        if (text_member(row, {"alert"}) == key) return true;
    }
    return false;
}

// What Twilio refused within the last hour, by what can be done about it. Of a list that has paused
// itself for it, its alert tells the same.
void find_not_placed(const StatusAnswers& answers, Findings& found) {
    const auto now = time_member(answers.status, {"now"});
    if (!now) return;
    std::map<std::string, std::int64_t> counts;
    for (const json::value& intent : list_member(answers.not_placed, {"intents"})) {
        const auto ended_at = time_member(intent, {"ended_at"});
        const bool is_recent = ended_at && *now - *ended_at < std::chrono::hours{1};
        if (!is_recent || text_member(intent, {"reason"}) != "twilio") continue;
        if (is_told(answers, "campaign_paused:" + text_member(intent, {"list"}))) continue;
        const std::string code = text_of(intent, {"twilio_code"});
        counts[text_of(intent, {"advice"}) + (code.empty() ? "" : " (" + code + ")")] += 1;
    }
    for (const auto& [advice, count] : counts) {
        found.push_back({counted(count, "call was", "calls were") +
                             " not placed within the last hour: " + advice + ".",
                         "wrapup call --list --state refused"});
    }
}

// What is to ring no longer, by why it does.
void find_not_cancelled(const StatusAnswers& answers, Findings& found) {
    std::map<std::string, std::int64_t> counts;
    for (const json::value& intent : list_member(answers.placed, {"intents"})) {
        if (text_member(intent, {"reason"}) != "not_cancelled") continue;
        counts[text_of(intent, {"advice"})] += 1;
    }
    for (const auto& [advice, count] : counts) {
        found.push_back({counted(count, "call is", "calls are") +
                             " to be cancelled, and Twilio does not: " + advice + ".",
                         "wrapup call --list --state placed"});
    }
}

void find_lost(const StatusAnswers& answers, Findings& found) {
    const auto count = static_cast<std::int64_t>(list_member(answers.lost, {"intents"}).size());
    if (count == 0) return;
    found.push_back(
        {"Nobody knows whether Twilio has " +
             counted(count, "call that was asked for; its number is held.",
                     "calls that were asked for; their numbers are held."),
         "wrapup call --list --state parked; look in Twilio's console, then wrapup call "
         "--cancel INTENT"});
}

// What the others see for themselves, with more words.
bool is_found_elsewhere(const StatusAnswers& answers, std::string_view key) {
    if (key == "twilio_credentials") {
        return member(answers.reconciliation, {"twilio.trouble"}).is_object();
    }
    if (key == "elevenlabs_key") {
        return member(answers.reconciliation, {"elevenlabs.trouble"}).is_object();
    }
    return key.starts_with("parked:") || key == "refused" || key == "elevenlabs_webhook" ||
           key.starts_with("breaker:") || key.starts_with("gone:");
}

void find_alerts(const StatusAnswers& answers, Findings& found) {
    for (const json::value& row : list_member(answers.status, {"alerts"})) {
        const std::string key = text_member(row, {"alert"});
        if (is_found_elsewhere(answers, key) || is_of_silent_node(answers, key)) continue;
        const std::string about = key == "twilio_credentials" ? "twilio"
                                  : key == "elevenlabs_key"   ? "elevenlabs"
                                                              : "";
        found.push_back({text_of(row, {"text"}) + ".", text_of(row, {"next"}), about});
    }
}

// Of today; the alert knows of all days, but is some seconds old.
void find_ledger(const StatusAnswers& answers, Findings& found) {
    if (is_told(answers, "ledger")) return;
    const std::int64_t count = number_of(answers.ledger, {"unexplained"});
    if (count == 0) return;
    found.push_back({counted(count, "call of today is", "calls of today are") + " unexplained.",
                     "wrapup ledger"});
}

// ---- What is where ----

std::string heading(std::string_view text, bool has_colour) {
    return "\n" + painted(text, Paint::bold, has_colour) + "\n";
}

std::string render_senders(const StatusAnswers& answers) {
    const auto now = time_member(answers.status, {"now"});
    // The process counts what it heard itself: what came before it is in the store alone.
    const auto started_at = time_member(answers.status, {"started_at"});
    const bool is_young = now && started_at && *now - *started_at < std::chrono::hours{1};
    std::vector<std::vector<std::string>> rows = {
        {"SENDER", "ENDPOINT", is_young ? "SINCE START" : "LAST HOUR", "LAST EVENT"}};
    for (const json::value& row : list_member(answers.status, {"senders"})) {
        const std::string age = age_of(row, {"last_at"}, now);
        rows.push_back({text_of(row, {"name"}), flag_member(row, {"open"}) ? "open" : "closed",
                        text_of(row, {"last_hour"}), age.empty() ? "none since the start" : age});
    }
    if (rows.size() == 1) return "unknown\n";
    const std::string start = age_of(answers.status, {"started_at"}, now);
    return render_table(rows) + (start.empty() ? "" : "wrapup was started " + start + ".\n");
}

// Of everybody, strangers too.
std::string render_refused(const StatusAnswers& answers) {
    const auto now = time_member(answers.status, {"now"});
    std::string counts;
    for (const json::value& row : list_member(answers.status, {"refused"})) {
        const std::int64_t count = number_of(row, {"last_hour"});
        if (count == 0) continue;
        counts +=
            (counts.empty() ? "" : ", ") + std::to_string(count) + " " + text_of(row, {"cause"});
        if (text_of(row, {"cause"}) != not_stored || !is_store_well(answers)) continue;
        counts += " (over, the last " + age_of(row, {"last_at"}, now) + ": senders repeat them)";
    }
    return "Refused within the last hour: " + (counts.empty() ? "none" : counts) + ".\n";
}

std::string render_keys(const StatusAnswers& answers) {
    const auto now = time_member(answers.status, {"now"});
    std::vector<std::vector<std::string>> rows;
    for (const auto& [key, name] :
         {std::pair{"twilio.trouble", "Twilio"}, {"elevenlabs.trouble", "ElevenLabs"}}) {
        const json::value& trouble = member(answers.reconciliation, {key});
        rows.push_back({name, trouble.is_object() ? text_of(trouble, {"what"}) + ", first " +
                                                        age_of(trouble, {"since"}, now)
                                                  : "no trouble"});
    }
    for (const json::value& row : list_member(answers.reconciliation, {"webhooks"})) {
        const bool is_off =
            flag_member(row, {"is_auto_disabled"}) || flag_member(row, {"is_disabled"});
        std::string state = is_off ? "switched off" : "on";
        const std::string failed = age_of(row, {"last_failed_at"}, now);
        if (!failed.empty()) {
            state += ", failed " + failed + " (" + text_of(row, {"last_error"}) + ")";
        }
        rows.push_back({"webhook " + text_of(row, {"name"}), state});
    }
    return render_table(rows);
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
    return counts.empty() ? "" : "Parked: " + counts + ".\n";
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

std::string render_ledger(const StatusAnswers& answers) {
    const json::value& day = answers.ledger;
    if (!day.is_object()) return "unknown\n";
    std::string out = counted(number_of(day, {"calls"}), "call", "calls");
    for (const auto& [name, word] : {std::pair{"accepted", "accepted"},
                                     {"parked.total", "parked"},
                                     {"in_flight", "in flight"},
                                     {"out_of_scope", "out of scope"},
                                     {"missing", "missing"}}) {
        out += ", " + std::to_string(number_of(day, {name})) + " " + word;
    }
    return out + "\n";
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

// Calls that wait for the same have it said once, below the last of them.
std::string render_waiting(const StatusAnswers& answers) {
    std::vector<std::pair<std::string, std::string>> groups;  // Why, and the calls' lines.
    for (const json::value& story : answers.waiting) {
        std::string why = text_of(story, {"why"});
        why += last_answers_of(story, why);
        auto group = std::ranges::find(groups, why, &std::pair<std::string, std::string>::first);
        if (group == groups.end()) group = groups.insert(groups.end(), {why, ""});
        group->second += text_of(story, {"call.id"}) + "\n";
    }
    std::string out;
    for (const auto& [why, calls] : groups) out += calls + "  " + wrapped(why, 76, 2) + "\n";
    return out;
}

}  // namespace

std::vector<StatusTrouble> findings_of(const StatusAnswers& answers) {
    Findings found;
    find_store(answers, found);
    find_unanswered(answers, found);
    for (StatusTrouble& one : node_troubles(answers)) found.push_back(std::move(one));
    find_changed_settings(answers, found);
    find_private_addresses(answers, found);
    find_destinations(answers, found);
    find_alerts(answers, found);
    find_refused(answers, found);
    find_vendors(answers, found);
    find_not_placed(answers, found);
    find_not_cancelled(answers, found);
    find_lost(answers, found);
    find_ledger(answers, found);
    find_parked(answers, found);
    return found;
}

std::string render_status(const StatusAnswers& answers, bool has_colour) {
    const Findings findings = findings_of(answers);
    std::string out;
    if (findings.empty()) {
        out = painted("Nothing needs a person.", Paint::green, has_colour) + "\n";
        out += render_failing(answers);
    }
    for (const StatusTrouble& finding : findings) {
        out += painted("! ", Paint::red, has_colour) + wrapped(finding.what, 78, 2) + "\n  -> " +
               finding.next + "\n";
    }
    out += heading("Events" + at_this_node(answers), has_colour) + render_senders(answers) +
           render_refused(answers);
    out += heading("Keys and webhooks", has_colour) + render_keys(answers);
    out += heading("Records", has_colour) + render_destinations(answers) + render_parked(answers);
    const std::string waiting = render_waiting(answers);
    if (!waiting.empty()) out += heading("Waiting", has_colour) + waiting;
    const std::string zone = text_of(answers.ledger, {"timezone"});
    out += heading("Today" + (zone.empty() ? "" : " (" + zone + ")"), has_colour);
    out += render_ledger(answers);
    return out;
}

std::string status_json(const StatusAnswers& answers) {
    json::array findings;
    for (const StatusTrouble& finding : findings_of(answers)) {
        findings.push_back({{"what", finding.what}, {"next", finding.next}});
    }
    json::object out;
    out["findings"] = std::move(findings);
    out["status"] = answers.status;
    out["stats"] = answers.stats;
    const json::value* list = answers.destinations.is_object()
                                  ? answers.destinations.get_object().if_contains("destinations")
                                  : nullptr;
    out["destinations"] = list == nullptr ? json::value(json::array{}) : *list;
    out["ledger"] = answers.ledger;
    out["reconciliation"] = answers.reconciliation;
    json::array waiting;
    for (const json::value& story : answers.waiting) {
        json::array deliveries;
        for (const json::value& delivery : list_member(story, {"deliveries"})) {
            const json::value attempt = last_attempt(delivery);
            deliveries.push_back({{"destination", member(delivery, {"destination"})},
                                  {"state", member(delivery, {"state"})},
                                  {"due_at", member(delivery, {"due_at"})},
                                  {"http_status", member(attempt, {"http_status"})},
                                  {"error", member(attempt, {"error"})}});
        }
        waiting.push_back({{"call", text_member(story, {"call.id"})},
                           {"why", text_member(story, {"why"})},
                           {"due_at", member(story, {"call.due_at"})},
                           {"deliveries", std::move(deliveries)}});
    }
    out["waiting"] = std::move(waiting);
    return json::serialize(out);
}

}  // namespace wrapup
