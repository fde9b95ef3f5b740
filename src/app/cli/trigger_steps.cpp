#include "app/cli/trigger_steps.hpp"

#include <algorithm>

#include "app/cli/delivery_words.hpp"
#include "app/config/setting_values.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr int stored = 204;

TriggerStep done(std::string name, milliseconds elapsed, std::string said) {
    return {std::move(name), true, elapsed, std::move(said), {}};
}

TriggerStep undone(std::string name, std::string said, std::string next) {
    return {std::move(name), false, {}, std::move(said), std::move(next)};
}

bool is_https(const Settings& ours) {
    return starts_with_ignoring_case(ours.server_url, "https://");
}

// How far it came: with less than an answer, the last step is the one that failed.
std::vector<TriggerStep> judge_way(const ProbeAnswer& answer, const Settings& ours) {
    const bool is_named = answer.end != ProbeEnd::unresolved && answer.resolved_after.count() > 0;
    if (!is_named) {
        return {undone("name", answer.error,
                       "see that SERVER_URL is spelled right and has a record in the DNS; Twilio "
                       "looks it up in the public one")};
    }
    std::vector<TriggerStep> steps{done("name", answer.resolved_after, answer.address)};
    const char* const connection = is_https(ours) ? "TLS" : "TCP";
    if (answer.end == ProbeEnd::untrusted) {
        steps.push_back(undone(connection, answer.error,
                               "see that TLS is spoken there (by a proxy: wrapup itself does not), "
                               "with a certificate that is right (name, chain, date): Twilio "
                               "refuses others too"));
        return steps;
    }
    if (answer.connected_after.count() == 0) {
        steps.push_back(undone(connection, answer.error,
                               "start what listens there (the proxy, or wrapup itself), and see "
                               "that no firewall is in the way"));
        return steps;
    }
    steps.push_back(done(connection, answer.connected_after - answer.resolved_after, ""));
    if (answer.status == 0) {
        steps.push_back(undone("answer", answer.error,
                               "see that what listens there speaks HTTP and lets the request pass "
                               "to http://" +
                                   to_string(ours.listen)));
    }
    return steps;
}

TriggerStep judge_wrong_answer(const ProbeAnswer& answer, const Settings& ours) {
    const std::string said = "HTTP " + std::to_string(answer.status) + ", not the " +
                             std::to_string(stored) + " of wrapup";
    const std::string here = "http://" + to_string(ours.listen);
    // A problem document is wrapup's.
    const auto parsed = parse_answer_json(answer.body);
    const bool is_problem = parsed && !text_member(*parsed, {"detail"}).empty();
    const std::string problem = said + ": " + problem_text(answer.status, answer.body);
    switch (answer.status) {
        case 301:
        case 302:
        case 303:
        case 307:
        case 308:
            return undone("answer", said + ": it leads to " + mask_public_url(answer.location),
                          "set SERVER_URL to the address it leads to, and give it to Twilio");
        case 502:
        case 504:
            return undone("answer", said + ": the proxy does not reach wrapup",
                          "let the proxy pass requests to " + here);
        case 401:
            return undone("answer", said + ": somebody asks for a password",
                          "let the proxy pass Twilio's requests without one");
        case 413:
        case 429: return undone("answer", said, "let the proxy pass requests as they are");
        case 503:
            return is_problem ? undone("answer", problem, "wrapup doctor")
                              : undone("answer", said + ": the proxy does not reach wrapup",
                                       "let the proxy pass requests to " + here);
        default: break;
    }
    if (is_problem) {
        return undone("answer", problem,
                      "see that SERVER_URL is what the proxy passes on as it is, and that the "
                      "running server was started with these settings");
    }
    return undone("answer", said + ": another server answers there",
                  "correct SERVER_URL, or let the proxy pass requests to " + here);
}

TriggerStep judge_refusal(const ProbeAnswer& answer, const Settings& ours,
                          const RunningServer& running) {
    const std::string said = "refused: " + problem_text(answer.status, answer.body);
    if (!running.has_refused_one) {
        return undone("signature", said,
                      "not by the wrapup that was asked: let SERVER_URL lead to it, or name the "
                      "other one with --url");
    }
    const std::string here = mask_public_url(ours.server_url);
    if (!running.server_url.empty() && running.server_url != here) {
        return undone("signature", said,
                      "the running server has SERVER_URL=" + running.server_url +
                          ", these settings have " + here + ": make them one, and restart it");
    }
    if (!running.matching_url.empty()) {
        return undone(
            "signature", said,
            "set SERVER_URL=" + running.matching_url + ", which would match, and restart");
    }
    return undone("signature", said,
                  "the running server has another TWILIO_AUTH_TOKEN or TWILIO_ACCOUNT_SID than "
                  "these settings: restart it, or run this where it runs");
}

// A sample that is not taken is given up at once: it waits for no person.
bool is_given_up(const json::value& delivery) {
    return text_member(delivery, {"parked"}) == "given_up";
}

std::string said_of(const json::value& delivery, const ClosedDestinations& closed) {
    if (!is_given_up(delivery)) return outcome_of(delivery);
    const json::value attempt = last_attempt(delivery);
    const std::string status = text_member(attempt, {"http_status"});
    if (!status.empty()) return "not taken (HTTP " + status + ").";
    if (!attempt.is_null()) return "not taken (" + text_member(attempt, {"error"}) + ").";
    const bool is_off = closed.contains(text_member(delivery, {"destination"}));
    return is_off ? "switched off: nothing is sent to it."
                  : "gone: it answered 410 earlier, and nothing is sent to it.";
}

std::string delivery_advice(const json::value& delivery, const std::string& call,
                            const ClosedDestinations& closed) {
    const std::string name = text_member(delivery, {"destination"});
    const json::value attempt = last_attempt(delivery);
    const std::string status = text_member(attempt, {"http_status"});
    const std::string of_name =
        " (or of destination " + name + " in wrapup.toml), restart wrapup, then ";
    if (attempt.is_null()) {
        if (closed.contains(name)) {
            return "set ENABLE_CRM_WEBHOOK=true (or enabled = true of " + name +
                   "), restart wrapup, then wrapup trigger";
        }
        if (!is_given_up(delivery)) return "wrapup status says why nothing is sent to " + name;
    }
    if (attempt.is_null() || status == "410") {
        return "correct CRM_WEBHOOK_URL" + of_name + "wrapup destination resume " + name +
               ", then wrapup trigger";
    }
    if (status == "401" || status == "403") {
        return "give CRM_WEBHOOK_HEADERS the key that the CRM expects" + of_name + "wrapup trigger";
    }
    if (status == "404" || status == "405") {
        return "correct CRM_WEBHOOK_URL" + of_name + "wrapup trigger";
    }
    // Refused before anything was sent.
    if (status.empty() && text_member(attempt, {"outcome"}) == "refused") {
        return "change CRM_WEBHOOK_URL (or of destination " + name +
               " in wrapup.toml), or set WRAPUP_ALLOW_PRIVATE_TARGETS=true; restart wrapup, then "
               "wrapup trigger";
    }
    if (is_given_up(delivery) && status.empty()) {
        return "wrapup show " + call + " has what happened; wrapup doctor looks at the address";
    }
    if (is_given_up(delivery)) {
        return "the CRM refuses what wrapup sends: mend it there, then wrapup trigger. wrapup "
               "show " +
               call + " has its answer";
    }
    if (status.empty()) {
        return "see that the CRM runs and can be reached (wrapup doctor); it is tried again by "
               "itself";
    }
    return "mend the CRM; it is tried again by itself (wrapup show " + call + ")";
}

}  // namespace

std::vector<TriggerStep> judge_post(const ProbeAnswer& answer, const Settings& ours,
                                    const RunningServer& running) {
    std::vector<TriggerStep> steps = judge_way(answer, ours);
    if (answer.status == 0) return steps;
    const milliseconds elapsed = answer.answered_after - answer.connected_after;
    if (answer.status == stored) {
        steps.push_back(done("answer", elapsed, "HTTP " + std::to_string(answer.status)));
    } else if (answer.status == 403 && answer.body.find("\"detail\"") != std::string::npos) {
        steps.push_back(done("answer", elapsed, "HTTP " + std::to_string(answer.status)));
        steps.push_back(judge_refusal(answer, ours, running));
    } else {
        steps.push_back(judge_wrong_answer(answer, ours));
    }
    return steps;
}

std::vector<TriggerStep> judge_deliveries(const json::value& story, milliseconds elapsed,
                                          const ClosedDestinations& closed) {
    std::vector<TriggerStep> steps;
    const std::string call = text_member(story, {"call.id"});
    for (const json::value& delivery : list_member(story, {"deliveries"})) {
        TriggerStep step;
        step.name = text_member(delivery, {"destination"});
        step.is_done = text_member(delivery, {"state"}) == "accepted";
        step.said = said_of(delivery, closed);
        const json::value attempt = last_attempt(delivery);
        const std::string took = text_member(attempt, {"elapsed_ms"});
        step.elapsed = took.empty() ? elapsed : milliseconds{parse_int(took).value_or(0)};
        const std::string answer = text_member(attempt, {"answer"});
        if (!step.is_done) step.next = delivery_advice(delivery, call, closed);
        if (!step.is_done && !answer.empty()) step.said += " It says: " + answer;
        steps.push_back(std::move(step));
    }
    return steps;
}

std::string render_step(const TriggerStep& step, bool has_colour) {
    constexpr std::size_t name_columns = 11;
    constexpr std::size_t time_columns = 8;
    constexpr std::size_t said_max = 400;
    std::string time = step.elapsed ? std::to_string(step.elapsed->count()) + " ms" : "";
    time.insert(0, time_columns - std::min(time_columns, time.size()), ' ');
    const std::string said = terminal_excerpt(step.said, said_max);
    std::string text =
        painted(step.is_done ? "✓" : "✗", step.is_done ? Paint::green : Paint::red, has_colour) +
        " " + padded(terminal_text(step.name), name_columns) + time;
    if (!said.empty()) text += "  " + wrapped(said, 57, 23);
    text += "\n";
    if (!step.next.empty()) text += "  -> " + wrapped(terminal_text(step.next), 75, 5) + "\n";
    return text;
}

json::object step_json(const TriggerStep& step) {
    json::object out;
    out["step"] = step.name;
    out["ok"] = step.is_done;
    out["elapsed_ms"] = step.elapsed ? json::value(step.elapsed->count()) : json::value(nullptr);
    out["said"] = step.said;
    out["next"] = step.next.empty() ? json::value(nullptr) : json::value(step.next);
    return out;
}

}  // namespace wrapup
