#pragma once

// Which alerts are to be told: each trouble once, and its end once. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace wrapup {

// Something that holds now and that a person should know of. No personal data.
struct AlertCondition {
    std::string key;  // "parked", "breaker:crm": the same trouble has the same key.
    std::string text;
    std::string next;        // What to do: a command, or a place to look at.
    std::int64_t count = 1;  // When it has grown an hour later, that is told once more.

    bool operator==(const AlertCondition&) const = default;
};

// ElevenLabs has switched our webhook off.
inline constexpr std::string_view webhook_alert_key = "elevenlabs_webhook";

struct Alert {
    std::string key;
    bool is_resolved = false;
    std::string text;
    std::string next;
    UtcTime since{};

    bool operator==(const Alert&) const = default;
};

class AlertBook {
public:
    // What was told and has not ended yet.
    struct Entry {
        std::string text;
        std::string next;
        UtcTime since{};
        UtcTime told_at{};
        std::int64_t told_count = 0;
        bool is_told = false;  // False: waits, because its key was told a moment ago.
        std::optional<UtcTime> absent_since;

        bool operator==(const Entry&) const = default;
    };
    using Entries = std::map<std::string, Entry>;

    explicit AlertBook(Entries kept = {}) : entries_(std::move(kept)) {}

    // What is to be told when exactly these conditions hold. An end counts after a minute, unless
    // its key is among `ended`: it was heard to have ended. The same key is told again after ten at
    // the earliest, so that nothing that flutters is a storm.
    std::vector<Alert> update(const std::vector<AlertCondition>& holding, UtcTime now,
                              const std::set<std::string>& ended = {});

    const Entries& entries() const { return entries_; }

private:
    Entries entries_;
    std::map<std::string, UtcTime> last_told_;  // Also of what has ended.
};

}  // namespace wrapup
