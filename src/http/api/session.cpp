#include "http/api/session.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "codec/bytes/digest.hpp"

namespace wrapup {
namespace {

constexpr std::size_t ended_max = 1'000;

// "<expiry in ms>.<number>.<mac>"
std::optional<UtcTime> expiry_of(std::string_view session) {
    const auto ms = parse_int(session.substr(0, session.find('.')));
    if (!ms) return std::nullopt;
    return from_unix_ms(*ms);
}

}  // namespace

std::string_view session_cookie(std::string_view header) {
    while (!header.empty()) {
        const std::size_t end = std::min(header.find(';'), header.size());
        const std::string_view pair = trim(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        if (!pair.starts_with(session_cookie_name)) continue;
        const std::string_view rest = pair.substr(session_cookie_name.size());
        if (rest.starts_with('=')) return rest.substr(1);
    }
    return {};
}

Sessions::Sessions(std::string_view token)
    : key_(token.empty() ? std::string() : hmac_sha256(token, "wrapup dashboard session")) {}

std::string Sessions::issue(UtcTime now) {
    std::string claim =
        std::to_string(to_unix_ms(now + valid_for)) + "." + std::to_string(++issued_count_);
    return claim + "." + sign(claim);
}

Sessions::Verdict Sessions::judge(std::string_view session, UtcTime now) const {
    const std::size_t dot = session.rfind('.');
    if (key_.empty() || dot == std::string_view::npos) return Verdict::forged;
    if (!equals_constant_time(sign(session.substr(0, dot)), session.substr(dot + 1))) {
        return Verdict::forged;
    }
    const auto expiry = expiry_of(session);
    const bool is_over = !expiry || now >= *expiry || ended_.contains(session.substr(0, dot));
    return is_over ? Verdict::over : Verdict::valid;
}

bool Sessions::end(std::string_view session, UtcTime now) {
    if (judge(session, now) != Verdict::valid) return false;
    std::erase_if(ended_, [&](const auto& entry) { return entry.second <= now; });
    if (ended_.size() >= ended_max) {
        const auto by_expiry = [](const auto& a, const auto& b) { return a.second < b.second; };
        ended_.erase(std::min_element(ended_.begin(), ended_.end(), by_expiry));
    }
    const std::string_view claim = session.substr(0, session.rfind('.'));
    ended_.emplace(claim, expiry_of(claim).value_or(now));
    return true;
}

std::string Sessions::ended() const {
    std::string text;
    for (const auto& [claim, expiry] : ended_) text += (text.empty() ? "" : ",") + claim;
    return text;
}

void Sessions::recall(std::string_view ended, UtcTime now) {
    for (std::string& claim : split_list(ended)) {
        if (ended_.size() >= ended_max) return;
        const auto expiry = expiry_of(claim);
        if (expiry && *expiry > now) ended_.emplace(std::move(claim), *expiry);
    }
}

std::string Sessions::sign(std::string_view claim) const {
    return sha256_hex(hmac_sha256(key_, claim));
}

}  // namespace wrapup
