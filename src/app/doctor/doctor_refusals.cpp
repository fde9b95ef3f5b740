// `wrapup doctor` asks the running server which requests of senders it refused: each may be a call
// that is lost.

#include <array>
#include <boost/json.hpp>
#include <utility>

#include "app/config/setting_values.hpp"
#include "app/doctor/doctor.hpp"
#include "app/doctor/doctor_probe.hpp"
#include "base/text.hpp"
#include "codec/json/json_value.hpp"
#include "domain/plain_text.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

struct Advice {
    std::string_view cause;
    std::string_view text;
};
constexpr std::string_view wrong_server_url = "wrong_server_url";
constexpr std::string_view not_stored = "not_stored";
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
    {"bad_signature",
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

std::vector<Finding> judge_refusals(std::string_view metrics_text, std::string_view matching,
                                    bool has_database) {
    std::vector<Finding> findings;
    for (const Advice& advice : advices) {
        const std::int64_t count = count_of(metrics_text, advice.cause);
        if (count == 0) continue;
        std::string advice_text(advice.text);
        if (advice.cause == wrong_server_url && !matching.empty()) {
            advice_text =
                "set SERVER_URL=" + std::string(matching) + ", which would match, and restart";
        }
        if (advice.cause == not_stored && has_database) {
            advice_text =
                "the database was away, as the server's log says: what senders did not repeat is "
                "compared with Twilio";
        }
        findings.push_back({Level::note,
                            "since its start the server refused " + std::to_string(count) +
                                (count == 1 ? " request" : " requests") + " with cause " +
                                std::string(advice.cause),
                            std::move(advice_text)});
    }
    return findings;
}

std::vector<Finding> examine_refusals(const InspectedSettings& inspected) {
    if (!inspected.problems.empty()) return {};
    ProbeRequest request;
    request.url = local_api_url(inspected.settings) + "/metrics";
    request.timeout = seconds{2};
    const ProbeAnswer answer = probe_get(request);
    if (answer.status != 200) return {};
    std::string matching;
    if (count_of(answer.body, wrong_server_url) > 0) {
        const std::string told = ask_running_server(inspected.settings, "/api/settings");
        const auto body = parse_json_object(told);
        if (body) matching = plain_text(json_string(&*body, "server_url_that_would_match"));
    }
    return judge_refusals(answer.body, matching, !inspected.settings.database_url.empty());
}

}  // namespace wrapup
