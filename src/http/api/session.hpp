#pragma once

// The dashboard's sessions. A session is its expiry and a MAC of it under a key that only the token
// gives: every process with the token knows it, and another token ends them all. What is stored is
// which ones were ended before their time, without the MAC.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace wrapup {

// The value of our cookie in a Cookie header; empty when there is none.
inline constexpr std::string_view session_cookie_name = "wrapup_session";
std::string_view session_cookie(std::string_view header);

class Sessions {
public:
    static constexpr std::chrono::hours valid_for{12};

    explicit Sessions(std::string_view token);

    // Fit for a cookie as it is.
    std::string issue(UtcTime now);
    enum class Verdict { valid, over, forged };
    Verdict judge(std::string_view session, UtcTime now) const;
    // No longer valid; of the last thousand that is remembered. False: it was not valid.
    bool end(std::string_view session, UtcTime now);
    // The ones that ended, to be kept, and what was kept by another process.
    std::string ended() const;
    void recall(std::string_view ended, UtcTime now);

private:
    std::string sign(std::string_view claim) const;

    std::string key_;
    std::uint64_t issued_count_ = 0;
    std::map<std::string, UtcTime, std::less<>> ended_;  // Without the MAC; with its expiry.
};

}  // namespace wrapup
