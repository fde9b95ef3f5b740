// `wrapup doctor` asks the running server which requests of senders it refused: each may be a call
// that is lost.

#include <algorithm>
#include <array>

#include "app/config/setting_values.hpp"
#include "app/doctor/doctor.hpp"
#include "app/doctor/doctor_probe.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

struct Advice {
    std::string_view cause;
    std::string_view text;
};
constexpr std::string_view wrong_server_url = "wrong_server_url";
constexpr std::string_view not_stored = "not_stored";
constexpr std::string_view bad_signature = "bad_signature";
// The causes that senders meet, not strangers alone; those of the API and of overload are left out.
constexpr std::array<Advice, 14> advices = {{
    {"wrong_path",
     "the sender's URL must be SERVER_URL followed by the endpoint: mend it at the sender, or "
     "set SERVER_URL to what the sender has"},
    {"wrong_address", "senders belong to WRAPUP_LISTEN, not to WRAPUP_ADMIN_LISTEN"},
    {"method", "set the method of the callback to POST"},
    {"closed",
     "set the sender's secret (TWILIO_AUTH_TOKEN, ELEVENLABS_WEBHOOK_SECRET), or take the URL "
     "out at the sender: ElevenLabs switches a webhook off after ten failures"},
    {wrong_server_url, "see the server's log: it names the SERVER_URL that would match"},
    {"wrong_account",
     "add the subaccount's auth token to TWILIO_AUTH_TOKEN behind a comma, if it is yours"},
    {bad_signature,
     "copy TWILIO_AUTH_TOKEN and ELEVENLABS_WEBHOOK_SECRET anew, unless strangers tried"},
    {"no_signature", "see that the proxy passes the signature's header, unless strangers tried"},
    {"malformed_signature", "see that the proxy leaves the signature's header as it is"},
    {"stale",
     "see that this machine's clock is right; WRAPUP_ELEVENLABS_TOLERANCE lets late repeats in"},
    {"malformed", "see the server's log for what is wrong with them"},
    {"too_large", "see the server's log for which endpoint it was"},
    {"unknown_token",
     "callbacks name a call that this store did not place: two installations share a number?"},
    {not_stored, "see the server's log and the data folder's disk"},
}};

// The number behind `wrapup_requests_rejected_total{cause="…"} ` in a line of its own.
std::int64_t count_of(std::string_view metrics_text, std::string_view cause) {
    const std::string series =
        "wrapup_requests_rejected_total{cause=\"" + std::string(cause) + "\"} ";
    while (!metrics_text.empty()) {
        const std::size_t end = metrics_text.find('\n');
        const std::string_view line = metrics_text.substr(0, end);
        if (line.starts_with(series)) return parse_int(line.substr(series.size())).value_or(0);
        metrics_text.remove_prefix(end == std::string_view::npos ? metrics_text.size() : end + 1);
    }
    return 0;
}

}  // namespace

std::string refusal_advice(std::string_view cause, const RefusalHints& hints) {
    if (cause == bad_signature && !hints.signature_paths.empty()) {
        const auto is_elevenlabs = [](const std::string& path) {
            return path.find("elevenlabs") != path.npos;
        };
        const auto count = std::ranges::count_if(hints.signature_paths, is_elevenlabs);
        const bool is_one = count == 0 || count == std::ssize(hints.signature_paths);
        if (is_one) {
            return std::string("copy ") +
                   (count == 0 ? "TWILIO_AUTH_TOKEN" : "ELEVENLABS_WEBHOOK_SECRET") +
                   " anew, unless strangers tried";
        }
    }
    if (cause == wrong_server_url && !hints.matching.empty()) {
        return "set SERVER_URL=" + hints.matching + ", which would match, and restart";
    }
    if (cause == not_stored && !hints.not_stored_until.empty()) {
        return "over since " + hints.not_stored_until +
               ": senders repeat them, and what they do not repeat is compared with Twilio";
    }
    if (cause == not_stored && hints.has_database) {
        return "the database is away, as the server's log says: see that it runs";
    }
    if (cause == "connections") {
        return "see who opens so many, with ss -tn or at the proxy; where the limit of open files "
               "is what bounds them, raise it (LimitNOFILE) and restart";
    }
    const auto* const found = std::ranges::find(advices, cause, &Advice::cause);
    return found == advices.end() ? "" : std::string(found->text);
}

std::vector<Finding> judge_refusals(std::string_view metrics_text, const RefusalHints& hints) {
    std::vector<Finding> findings;
    for (const Advice& advice : advices) {
        const std::int64_t count = count_of(metrics_text, advice.cause);
        if (count == 0 || std::ranges::count(hints.told_causes, advice.cause) > 0) continue;
        findings.push_back({Level::note,
                            "since its start the server refused " + std::to_string(count) +
                                (count == 1 ? " request" : " requests") + " with cause " +
                                std::string(advice.cause),
                            refusal_advice(advice.cause, hints)});
    }
    return findings;
}

std::vector<Finding> examine_refusals(const InspectedSettings& inspected,
                                      const RefusalHints& hints) {
    if (!inspected.problems.empty()) return {};
    ProbeRequest request;
    request.url = local_api_url(inspected.settings) + "/metrics";
    request.timeout = seconds{2};
    const ProbeAnswer answer = probe_get(request);
    return answer.status == 200 ? judge_refusals(answer.body, hints) : std::vector<Finding>{};
}

}  // namespace wrapup
