#include "app/cli/status_view.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "app/cli/delivery_words.hpp"
#include "app/cli/status_parts.hpp"
#include "app/cli/status_records.hpp"
#include "app/doctor/doctor.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"
#include "service/alerts/alert_ears.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

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

constexpr const char* not_stored = "not_stored";

using Findings = std::vector<StatusTrouble>;

void find_store(const StatusAnswers& answers, Findings& found) {
    const std::string state = text_of(answers.ready, {"dependencies.store"});
    if (state.empty() || state == "ok") return;
    std::int64_t count = 0;
    for (const json::value& row : list_member(answers.status, {"refused"})) {
        if (text_of(row, {"cause"}) == not_stored) count = number_of(row, {"last_hour"});
    }
    StatusTrouble trouble{"The store cannot be written: no event is acknowledged" +
                              (count == 0 ? "."
                                          : "; " + counted(count, "request was", "requests were") +
                                                " refused for it within the last hour."),
                          "wrapup doctor", "store"};
    // One cause is one trouble.
    for (const json::value& row : list_member(answers.status, {"alerts"})) {
        if (text_member(row, {"alert"}) != "disk") continue;
        std::string text = text_of(row, {"text"});
        if (text.starts_with('t')) text.front() = 'T';
        trouble.what += " " + text + ".";
        trouble.next = text_of(row, {"next"});
    }
    found.push_back(std::move(trouble));
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

// " (/call-status-callback)": where.
std::string refused_at(const json::value& row) {
    std::string paths;
    for (const json::value& path : list_member(row, {"paths"})) {
        if (!path.is_string()) continue;
        paths += (paths.empty() ? "" : ", ") + terminal_text(path.get_string());
    }
    return paths.empty() ? paths : " (" + paths + ")";
}

constexpr const char* wrong_server_url = "wrong_server_url";

void find_refused(const StatusAnswers& answers, Findings& found) {
    const std::string matching = text_of(answers.settings, {"server_url_that_would_match"});
    for (const json::value& row : list_member(answers.status, {"refused"})) {
        const std::string cause = text_of(row, {"cause"});
        const std::int64_t count = number_of(row, {"last_hour"});
        if (count == 0 || is_of_no_sender(cause)) continue;
        found.push_back({counted(count, "request was", "requests were") +
                             " refused within the last hour" + at_this_node(answers) + ": " +
                             cause + refused_at(row) +
                             ". A sender that is refused is a call that may be lost.",
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
        if (has_alert(answers, "campaign_paused:" + text_member(intent, {"list"}))) continue;
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
    if (key == "disk") return !is_store_well(answers);
    return key.starts_with("parked:") || key == "refused" || key == "elevenlabs_webhook" ||
           key.starts_with("breaker:") || key.starts_with("gone:");
}

void find_alerts(const StatusAnswers& answers, Findings& found) {
    for (const json::value& row : list_member(answers.status, {"alerts"})) {
        const std::string key = text_member(row, {"alert"});
        if (is_found_elsewhere(answers, key) || is_of_silent_node(answers, key)) continue;
        const std::string about = key == "twilio_credentials" ? "twilio"
                                  : key == "elevenlabs_key"   ? "elevenlabs"
                                  : key == "disk"             ? "disk"
                                                              : "";
        found.push_back({text_of(row, {"text"}) + ".", text_of(row, {"next"}), about});
    }
}

// Of today; the alert knows of all days, but is some seconds old.
void find_ledger(const StatusAnswers& answers, Findings& found) {
    if (has_alert(answers, "ledger")) return;
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
    return wrapped("Refused within the last hour: " + (counts.empty() ? "none" : counts) + ".", 78,
                   2) +
           "\n";
}

std::string render_keys(const StatusAnswers& answers) {
    const auto now = time_member(answers.status, {"now"});
    std::vector<std::pair<std::string, std::string>> rows;
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
    std::size_t columns = 0;
    for (const auto& [name, state] : rows) columns = std::max(columns, column_count(name));
    const std::size_t indent = std::min<std::size_t>(columns + 2, 40);
    std::string out;
    for (const auto& [name, state] : rows) {
        out += padded(name, columns) + "  " + wrapped(state, 78 - indent, indent) + "\n";
    }
    return out;
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

}  // namespace

std::vector<StatusTrouble> findings_of(const StatusAnswers& answers) {
    Findings found;
    find_store(answers, found);
    find_unanswered(answers, found);
    for (StatusTrouble& one : node_troubles(answers)) found.push_back(std::move(one));
    find_changed_settings(answers, found);
    find_private_addresses(answers, found);
    for (StatusTrouble& one : destination_troubles(answers)) found.push_back(std::move(one));
    find_alerts(answers, found);
    find_refused(answers, found);
    find_vendors(answers, found);
    find_not_placed(answers, found);
    find_not_cancelled(answers, found);
    find_lost(answers, found);
    find_ledger(answers, found);
    for (StatusTrouble& one : parked_troubles(answers)) found.push_back(std::move(one));
    return found;
}

std::string render_status(const StatusAnswers& answers, bool has_colour, const ListTimes& times) {
    const Findings findings = findings_of(answers);
    std::string out;
    if (findings.empty()) out = painted("Nothing needs a person.", Paint::green, has_colour) + "\n";
    const auto add = [&](const StatusTrouble& one, std::string_view mark, Paint paint) {
        out += painted(mark, paint, has_colour) + wrapped(times.sentence(one.what), 78, 2) + "\n";
        if (!one.next.empty()) out += "  -> " + wrapped(times.sentence(one.next), 75, 5) + "\n";
    };
    for (const StatusTrouble& finding : findings) add(finding, "! ", Paint::red);
    for (const StatusTrouble& note : notes_of(answers)) add(note, "- ", Paint::yellow);
    out += heading("Events" + at_this_node(answers), has_colour) + render_senders(answers) +
           render_refused(answers);
    out += heading("Keys and webhooks", has_colour) + render_keys(answers);
    out += heading("Records", has_colour) + render_destinations(answers) + render_parked(answers);
    const std::string waiting = render_waiting(answers, times);
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
    json::array notes;
    for (const StatusTrouble& note : notes_of(answers)) {
        notes.push_back({{"what", note.what}, {"next", note.next}});
    }
    json::object out;
    out["findings"] = std::move(findings);
    out["notes"] = std::move(notes);
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
