#include "http/api/token_guard.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.hpp"
#include "codec/bytes/digest.hpp"
#include "http/api/api_input.hpp"

namespace wrapup {

namespace {

constexpr std::size_t peers_max = 1024;
constexpr std::size_t wrong_digests_max = 10;
constexpr std::size_t address_size_max = 45;  // Of IPv6 in its longest form.
constexpr std::chrono::hours known_for{1};

Response unauthorized(std::string_view detail) {
    Response response = problem(401, detail);
    response.headers = "WWW-Authenticate: Bearer realm=\"wrapup\"\r\n";
    return response;
}

std::string_view bearer_token(std::string_view authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (!starts_with_ignoring_case(authorization, scheme)) return {};
    return trim(authorization.substr(scheme.size()));
}

// The peer; of a proxy on this machine the one that it names, which is the last: what stands before
// it is the peer's own word.
std::string_view address_of(const Request& request) {
    if (!request.peer().starts_with("127.") && request.peer() != "::1") return request.peer();
    const std::string_view list = request.header("X-Forwarded-For");
    const std::size_t comma = list.rfind(',');
    const std::string_view last =
        trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
    return last.empty() || last.size() > address_size_max ? request.peer() : last;
}

enum class Origin { ours, foreign, untold };

// Browsers send Sec-Fetch-Site where the connection can be trusted (https, this machine), and
// Origin everywhere.
Origin origin_of(const Request& request) {
    const std::string_view site = request.header("Sec-Fetch-Site");
    if (!site.empty()) return site == "same-origin" ? Origin::ours : Origin::foreign;
    const std::string_view origin = request.header("Origin");
    if (origin.empty()) return Origin::untold;
    const std::size_t scheme = origin.find("://");
    if (scheme == std::string_view::npos) return Origin::foreign;  // "null"
    const std::string_view host = origin.substr(scheme + 3);
    return equals_ignoring_case(host, request.header("Host")) ? Origin::ours : Origin::foreign;
}

}  // namespace

TokenGuard::TokenGuard(std::string token, const Clock& clock, EventLog& log, Metrics& metrics)
    : token_digest_(token.empty() ? std::string() : sha256_hex(token)),
      sessions_(token),
      clock_(clock),
      rejections_(clock, log, metrics) {}

std::optional<Response> TokenGuard::check(const Request& request) {
    const std::string_view given = bearer_token(request.header("Authorization"));
    if (!given.empty()) return check_token(request, given);
    const std::string_view session = session_cookie(request.header("Cookie"));
    if (!session.empty()) return check_session(request, session);
    rejections_.note({LogTag::none, "/api", "no_token", "no bearer token"});
    return unauthorized("the API wants `Authorization: Bearer <token>`");
}

std::optional<Response> TokenGuard::check_token(const Request& request, std::string_view given) {
    const bool is_right = equals_constant_time(sha256_hex(given), token_digest_);
    return check_right(request, given, is_right);
}

std::optional<Response> TokenGuard::check_session(const Request& request,
                                                  std::string_view session) {
    const Sessions::Verdict verdict = sessions_.judge(session, clock_.now());
    if (verdict == Sessions::Verdict::over) {
        rejections_.note({LogTag::none, "/api", "session_over", "the session is over"});
        return unauthorized("the session is over; sign in again");
    }
    auto refusal = check_right(request, session, verdict == Sessions::Verdict::valid);
    if (refusal) return refusal;
    if (request.method() == Method::get || request.method() == Method::head) return std::nullopt;
    if (origin_of(request) != Origin::ours) return refuse_origin();
    const std::string_view type = request.header("Content-Type");
    if (!type.empty() && is_json_content_type(type)) return std::nullopt;
    return problem(415, "with a session's cookie, send JSON: Content-Type: application/json");
}

std::optional<Response> TokenGuard::check_right(const Request& request, std::string_view given,
                                                bool is_right) {
    const UtcTime now = clock_.now();
    Peer& peer = peer_of(request, now);
    if (!peer.guesses.has_room(now)) return refuse_unseen(peer.guesses.left(now));
    if (!peer.failures.has_room(now)) return refuse_unseen(peer.failures.left(now));
    if (!all_failures_.has_room(now) && !is_known(peer, now)) {
        return refuse_unseen(all_failures_.left(now));
    }
    if (!is_right) return refuse_wrong_token(peer, sha256_hex(given), now);
    peer.right_at = now;
    return std::nullopt;
}

std::optional<Response> TokenGuard::refuse_other_site(const Request& request) {
    if (origin_of(request) == Origin::foreign) return refuse_origin();
    return std::nullopt;
}

Response TokenGuard::refuse_origin() {
    rejections_.note({LogTag::none, "/api", "other_site", "a page of another site asked"});
    return problem(403, "this does not come from the dashboard's own page");
}

bool TokenGuard::has_session(const Request& request) const {
    const std::string_view session = session_cookie(request.header("Cookie"));
    return sessions_.judge(session, clock_.now()) == Sessions::Verdict::valid;
}

std::function<bool()> TokenGuard::standing_of(const Request& request) const {
    if (!bearer_token(request.header("Authorization")).empty()) return [] { return true; };
    return [this, session = std::string(session_cookie(request.header("Cookie")))] {
        return sessions_.judge(session, clock_.now()) == Sessions::Verdict::valid;
    };
}

bool TokenGuard::end_session(const Request& request) {
    return sessions_.end(session_cookie(request.header("Cookie")), clock_.now());
}

TokenGuard::Peer& TokenGuard::peer_of(const Request& request, UtcTime now) {
    const std::string_view address = address_of(request);
    auto known = peers_.find(address);
    if (known == peers_.end()) {
        if (peers_.size() >= peers_max) forget_peers(now);
        // Whoever finds no place of its own shares one.
        const bool has_place = peers_.size() < peers_max;
        known = peers_.try_emplace(has_place ? std::string(address) : std::string()).first;
    }
    known->second.seen_at = now;
    return known->second;
}

void TokenGuard::forget_peers(UtcTime now) {
    std::erase_if(peers_, [&](const auto& entry) {
        const Peer& peer = entry.second;
        const bool is_recent = now >= peer.seen_at && now - peer.seen_at < window_length;
        return !is_recent && !is_known(peer, now);
    });
}

bool TokenGuard::is_known(const Peer& peer, UtcTime now) const {
    return peer.right_at && now >= *peer.right_at && now - *peer.right_at < known_for;
}

Response TokenGuard::refuse_unseen(milliseconds wait) {
    rejections_.note({LogTag::none, "/api", "token_rate", "too many wrong tokens"});
    Response response = problem(429, "too many wrong tokens; wait before the next try");
    const auto wait_s = std::chrono::ceil<seconds>(wait).count();
    response.headers = "Retry-After: " + std::to_string(wait_s) + "\r\n";
    return response;
}

Response TokenGuard::refuse_wrong_token(Peer& peer, std::string digest, UtcTime now) {
    (void)peer.failures.take(now);
    (void)all_failures_.take(now);
    auto& wrong = peer.wrong_digests;
    if (std::find(wrong.begin(), wrong.end(), digest) == wrong.end()) {
        (void)peer.guesses.take(now);
        if (wrong.size() == wrong_digests_max) wrong.erase(wrong.begin());
        wrong.push_back(std::move(digest));
    }
    rejections_.note({LogTag::none, "/api", "bad_token", "wrong bearer token"});
    return unauthorized("this token is not valid");
}

}  // namespace wrapup
