// `wrapup doctor` looks at SERVER_URL: whether Twilio can call it, and will sign what we expect.

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <boost/url/url.hpp>

#include "adapters/curl/address_guard.hpp"
#include "app/config/setting_values.hpp"
#include "app/doctor/doctor.hpp"
#include "app/doctor/doctor_probe.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

constexpr std::array<std::string_view, 3> endpoints = {
    "/call-status-callback", "/amd-status-callback", "/webhooks/elevenlabs"};

// Twilio itself cannot get there, but a sandbox on this machine can.
Finding local_name(const Settings& settings) {
    const bool is_sandbox =
        !starts_with_ignoring_case(settings.twilio_base_url, "https://");  // Loopback, then.
    return {is_sandbox ? Level::note : Level::broken,
            "SERVER_URL is not a public name: Twilio cannot reach it",
            "set it to the address that Twilio is given, such as https://calls.example.com", true};
}

void examine_host(const Settings& settings, const std::string& host,
                  std::vector<Finding>& findings) {
    if (is_private_host(host)) findings.push_back(local_name(settings));
    if (host.find('_') != std::string::npos) {
        findings.push_back({Level::broken,
                            "SERVER_URL has a name with an underscore, which Twilio "
                            "refuses for callbacks",
                            "give the server a name without one", true});
    }
}

void examine_port(std::string_view port, bool is_https, std::vector<Finding>& findings) {
    if (port.empty()) return;
    if (port == (is_https ? "443" : "80")) {
        findings.push_back({Level::note, "SERVER_URL names the port that it has anyway",
                            "leave out :" + std::string(port)});
    } else if (is_https) {
        findings.push_back({Level::note,
                            "SERVER_URL has a port, which Twilio leaves out when it signs https",
                            "nothing to do: both ways are tried. Twilio must be given the port"});
    }
}

// Ours, or that of an older script: what Twilio was given, not where it begins. Empty: none.
std::string endpoint_at_end(const std::string& path) {
    for (const std::string_view endpoint : endpoints) {
        if (path.ends_with(endpoint)) return std::string(endpoint);
    }
    const std::string last = path.substr(std::min(path.size(), path.rfind('/')));
    return to_lower(last).ends_with("callback") ? last : std::string();
}

void examine_path(const std::string& path, std::vector<Finding>& findings) {
    const std::string endpoint = endpoint_at_end(path);
    if (!endpoint.empty()) {
        findings.push_back(
            {Level::broken, "SERVER_URL ends with an endpoint's path",
             "cut off " + endpoint + ": wrapup adds the paths of its endpoints itself", true});
        return;
    }
    if (path.find("//") != std::string::npos || path.find('%') != std::string::npos) {
        findings.push_back({Level::note,
                            "SERVER_URL has an unusual path: Twilio signs it as it is "
                            "written",
                            "make sure that Twilio was given exactly this, byte for byte"});
    } else if (!path.empty()) {
        findings.push_back({Level::note,
                            "SERVER_URL has a path, which Twilio and ElevenLabs must be given too",
                            "nothing to do: whether the proxy takes it off again or not, both "
                            "arrive"});
    }
}

}  // namespace

std::vector<Finding> examine_server_url(const Settings& settings) {
    std::vector<Finding> findings;
    const auto parsed = parse_whole_url(settings.server_url);
    if (!parsed) return findings;
    const bool is_https = starts_with_ignoring_case(settings.server_url, "https://");
    if (!is_https) {
        findings.push_back({Level::note, "SERVER_URL is not https",
                            "Twilio signs the URL it was given: make sure that it is this one"});
    }
    const auto host = parsed->host_address();
    const auto port = parsed->port();
    const auto path = parsed->encoded_path();
    examine_host(settings, {host.data(), host.size()}, findings);
    examine_port({port.data(), port.size()}, is_https, findings);
    examine_path({path.data(), path.size()}, findings);
    if (parsed->has_userinfo()) {
        findings.push_back({Level::note, "SERVER_URL has a user and password",
                            "nothing to do if Twilio was given them: signatures are tried with "
                            "and without"});
    }
    return findings;
}

std::vector<Finding> examine_from_outside(const InspectedSettings& inspected) {
    const Settings& settings = inspected.settings;
    if (!inspected.problems.empty() || settings.server_url.empty()) return {};
    ProbeRequest request;
    request.url = settings.server_url + "/healthz";
    request.timeout = seconds{5};
    return {judge_outside(probe_get(request), to_string(settings.listen))};
}

// Twilio may get where this machine does not, and a proxy may let the senders' paths pass alone:
// only what is surely wrong for everybody is broken.
Finding judge_outside(const ProbeAnswer& answer, const std::string& listen) {
    const std::string rest = "`wrapup trigger --dry-run` follows a callback step by step";
    if (answer.status == 200 && trim(answer.body) == "ok") {
        return {Level::good,
                "SERVER_URL leads to a wrapup that runs" + taken(answer.answered_after), ""};
    }
    if (answer.end == ProbeEnd::untrusted) {
        return {Level::broken, "SERVER_URL cannot be trusted: " + answer.error,
                "see that TLS is spoken there (by a proxy: wrapup itself does not), with a "
                "certificate that is right (name, chain, date): Twilio refuses others too"};
    }
    if (answer.status == 0) {
        return {Level::note, "SERVER_URL cannot be reached from here: " + answer.error,
                "see that its name is in the public DNS and that it is open to the internet"};
    }
    const std::string said = std::to_string(answer.status);
    if (answer.status == 502 || answer.status == 504) {
        return {Level::broken, "SERVER_URL answers " + said + ": its proxy does not reach wrapup",
                "start wrapup, or let the proxy pass requests to http://" + listen};
    }
    if (answer.status >= 300 && answer.status < 400) {
        return {Level::broken, "SERVER_URL leads on to " + mask_public_url(answer.location),
                "set it to the address it leads to, and give that to Twilio", true};
    }
    return {Level::note, "SERVER_URL is there, and does not pass /healthz on (" + said + ")", rest};
}

Finding twilio_callback_hint(const Settings& settings) {
    return {Level::good,
            "Twilio's status callback is " + mask_public_url(settings.server_url) +
                "/call-status-callback#rc=5&rp=5xx,ct,rt&ct=2000&rt=2500",
            "the part from # on makes Twilio repeat a callback that failed; it is not signed"};
}

}  // namespace wrapup
