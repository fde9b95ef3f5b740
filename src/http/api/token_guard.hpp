#pragma once

// Lets the bearer of the token in, or a browser with a session of its own, and makes guessing slow.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/rate_window.hpp"
#include "http/api/session.hpp"
#include "http/server/message.hpp"
#include "http/server/rejection_log.hpp"

namespace wrapup {

// After ten different wrong tokens of one peer, or a hundred wrong requests, within half a minute
// no token of that peer is looked at until the half minute is over: a right guess is worth nothing
// then. One wrong token again and again, as a forgotten script sends it, is no guessing.
// Many peers together have 300 wrong requests; then only those are looked at that had the right
// token within the last hour, so that strangers lock no operator out.
class TokenGuard {
public:
    TokenGuard(std::string token, const Clock& clock, EventLog& log, Metrics& metrics);
    static constexpr std::string_view cookie = session_cookie_name;

    // Nothing when the request may pass; else 401, or 429 with Retry-After. What changes something
    // and comes with a cookie must be JSON from our own page, or is refused with 403 or 415: a
    // browser sends the cookie whoever made it ask.
    std::optional<Response> check(const Request& request);
    // The same of a token that came in another place.
    std::optional<Response> check_token(const Request& request, std::string_view given);
    // 403 when a browser says that a page of another site made it ask.
    std::optional<Response> refuse_other_site(const Request& request);

    // Asks, while this lives, whether a request that passed still would: sessions end.
    std::function<bool()> standing_of(const Request& request) const;

    std::string begin_session() { return sessions_.issue(clock_.now()); }
    bool has_session(const Request& request) const;
    // False: there was none.
    bool end_session(const Request& request);
    // Sessions that ended, as text: what one process kept, the next one recalls.
    std::string ended_sessions() const { return sessions_.ended(); }
    void recall_ended(std::string_view ended) { sessions_.recall(ended, clock_.now()); }

private:
    static constexpr std::chrono::seconds window_length{30};
    struct Peer {
        RateWindow guesses{10, window_length};  // Different wrong tokens.
        RateWindow failures{100, window_length};
        std::vector<std::string> wrong_digests;  // The last ones, at most as many as `guesses`.
        UtcTime seen_at{};
        std::optional<UtcTime> right_at;
    };

    std::optional<Response> check_session(const Request& request, std::string_view session);
    std::optional<Response> check_right(const Request& request, std::string_view given,
                                        bool is_right);
    Response refuse_origin();
    Peer& peer_of(const Request& request, UtcTime now);
    void forget_peers(UtcTime now);
    bool is_known(const Peer& peer, UtcTime now) const;
    Response refuse_unseen(milliseconds wait);
    Response refuse_wrong_token(Peer& peer, std::string digest, UtcTime now);

    std::string token_digest_;  // Compared as digests, so that not even the length is told.
    Sessions sessions_;
    const Clock& clock_;
    RejectionLog rejections_;
    std::map<std::string, Peer, std::less<>> peers_;
    RateWindow all_failures_{300, window_length};
};

}  // namespace wrapup
