#pragma once

// The dashboard's sessions. A session is its expiry and a MAC of it under a key that only the token
// gives: nothing is stored, every process with the token knows it, and another token ends them all.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace wrapup {

class Sessions {
public:
    static constexpr std::chrono::hours valid_for{12};

    explicit Sessions(std::string_view token);

    // Fit for a cookie as it is.
    std::string issue(UtcTime now);
    enum class Verdict { valid, over, forged };
    Verdict judge(std::string_view session, UtcTime now) const;
    // No longer valid in this process; of the last thousand that is remembered.
    void end(std::string_view session, UtcTime now);

private:
    std::string sign(std::string_view claim) const;

    std::string key_;
    std::uint64_t issued_count_ = 0;
    std::map<std::string, UtcTime, std::less<>> ended_;  // With its expiry.
};

}  // namespace wrapup
