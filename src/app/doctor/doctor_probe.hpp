#pragma once

// The two ways in which `wrapup doctor` touches a peer: asking a question that changes nothing, and
// connecting without saying anything. Both block, for at most `timeout`.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace wrapup {

// How far a probe came.
enum class ProbeEnd {
    connected,   // With TLS where the URL is https.
    unresolved,  // The name has no address.
    refused,     // No connection.
    untrusted,   // TLS failed.
    blocked,     // Every address is private, and that is not allowed: nothing was sent there.
};

struct ProbeRequest {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string user;  // HTTP Basic when not empty.
    std::string password;
    std::string proxy;  // Empty: none, and none of the environment's.
    std::string body;   // Not empty: POST instead of GET. Something that changes nothing.
    milliseconds timeout{10'000};
};

struct ProbeAnswer {
    int status = 0;     // 0: no answer, and `error` says why.
    std::string body;   // The beginning of it.
    std::string error;  // In words, without URL, header or body.
    // How far our clock is ahead of the peer's Date header (behind: negative), to the second.
    std::optional<seconds> clock_ahead;
    ProbeEnd end = ProbeEnd::refused;  // `refused` also where no answer came in time.
    std::string location;              // Where a redirect leads.
    std::string address;               // The peer's, once there is a connection.
    // Since the request began; 0: it did not come so far.
    milliseconds resolved_after{};
    milliseconds connected_after{};  // With TLS where the URL is https.
    milliseconds answered_after{};
};

// GET, redirects not followed, certificates verified.
ProbeAnswer probe_get(const ProbeRequest& request);

struct ConnectAnswer {
    using Kind = ProbeEnd;
    Kind kind = Kind::refused;
    std::string error;
    bool is_private = false;  // An address it has is private, loopback or link-local.
    milliseconds elapsed{};
};

struct ConnectRequest {
    std::string url;
    std::string proxy;
    bool allows_private = false;
    milliseconds timeout{10'000};
};

// " (3ms)"; empty when the time is not known.
inline std::string taken(milliseconds time) {
    return time.count() == 0 ? std::string() : " (" + format_duration(time) + ")";
}

// Name, TCP and TLS, and not one byte of HTTP to the peer (a proxy is asked for a tunnel).
ConnectAnswer probe_connect(const ConnectRequest& request);

}  // namespace wrapup
