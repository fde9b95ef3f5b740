#include "http/api/token_guard.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.hpp"
#include "codec/bytes/digest.hpp"

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

}  // namespace

TokenGuard::TokenGuard(std::string token, const Clock& clock, EventLog& log, Metrics& metrics)
    : token_digest_(token.empty() ? std::string() : sha256_hex(token)),
      clock_(clock),
      rejections_(clock, log, metrics) {}

std::optional<Response> TokenGuard::check(const Request& request) {
    const std::string_view given = bearer_token(request.header("Authorization"));
    if (given.empty()) {
        rejections_.note({LogTag::none, "/api", "no_token", "no bearer token"});
        return unauthorized("the API wants `Authorization: Bearer <token>`");
    }
    const UtcTime now = clock_.now();
    Peer& peer = peer_of(request, now);
    if (!peer.guesses.has_room(now)) return refuse_unseen(peer.guesses.left(now));
    if (!peer.failures.has_room(now)) return refuse_unseen(peer.failures.left(now));
    if (!all_failures_.has_room(now) && !is_known(peer, now)) {
        return refuse_unseen(all_failures_.left(now));
    }
    std::string digest = sha256_hex(given);
    if (!equals_constant_time(digest, token_digest_)) {
        return refuse_wrong_token(peer, std::move(digest), now);
    }
    peer.right_at = now;
    return std::nullopt;
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
