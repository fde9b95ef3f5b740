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
    const bool is_over = !expiry || now >= *expiry || ended_.contains(session);
    return is_over ? Verdict::over : Verdict::valid;
}

void Sessions::end(std::string_view session, UtcTime now) {
    if (judge(session, now) != Verdict::valid) return;
    std::erase_if(ended_, [&](const auto& entry) { return entry.second <= now; });
    if (ended_.size() >= ended_max) {
        const auto by_expiry = [](const auto& a, const auto& b) { return a.second < b.second; };
        ended_.erase(std::min_element(ended_.begin(), ended_.end(), by_expiry));
    }
    ended_.emplace(session, expiry_of(session).value_or(now));
}

std::string Sessions::sign(std::string_view claim) const {
    return sha256_hex(hmac_sha256(key_, claim));
}

}  // namespace wrapup
