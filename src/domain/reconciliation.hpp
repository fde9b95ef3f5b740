#pragma once

// What comes of comparing with Twilio: how many calls it lists, and which of them differ from ours.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "domain/call.hpp"

namespace wrapup {

// Calls are counted by the quarter of an hour in which Twilio made them: every time zone's day is
// a whole number of these.
using TwilioSlotCount = std::chrono::duration<std::int64_t, std::ratio<900>>;
inline constexpr TwilioSlotCount twilio_slot{1};

constexpr UtcTime slot_of(UtcTime time) { return std::chrono::floor<TwilioSlotCount>(time); }

// What Twilio listed of one quarter of an hour. Legs of other calls are not counted.
struct TwilioSlot {
    UtcTime from{};                    // slot_of() any of its calls' date_created.
    std::int64_t calls_count = 0;      // All of them.
    std::int64_t strangers_count = 0;  // Of these: out of scope, and unknown to us.
    // All of it was read, and it was asked after Twilio's list could have them all.
    bool is_complete = false;
    UtcTime asked_at{};

    bool operator==(const TwilioSlot&) const = default;
};

enum class DifferenceKind {
    missing,    // Twilio lists it and it is ours, and wrapup does not know it.
    only_here,  // Wrapup knows it, and Twilio does not.
};
std::string_view to_string(DifferenceKind kind);

struct TwilioDifference {
    std::string call_sid;
    UtcTime at{};  // Twilio's date_created, else our first event.
    DifferenceKind kind = DifferenceKind::missing;
    std::string reason;  // For a person; no personal data.
    UtcTime noted_at{};

    bool operator==(const TwilioDifference&) const = default;
};

// A time of which Twilio's list is read, by when it made the calls, and how far that is.
struct ReconcileWindow {
    std::int64_t number = 0;  // Of all windows there are, its own.
    UtcTime from{};
    UtcTime until{};
    std::optional<UtcTime> begun_at;  // By Twilio's clock.
    std::string next_page;            // Where the list goes on; empty: at its beginning.
    std::vector<TwilioSlot> slots;    // What was counted so far.
    // The oldest call so far that has to be looked at again.
    std::optional<UtcTime> open_since;
    bool has_gaps = false;  // Something was listed that cannot be read.

    bool operator==(const ReconcileWindow&) const = default;
};

// A post-call webhook as ElevenLabs shows it.
struct WebhookHealth {
    std::string name;
    std::string url;  // Without user and query.
    bool is_disabled = false;
    bool is_auto_disabled = false;  // By ElevenLabs, after failures.
    std::string last_error;         // HTTP status of the last failure; empty: none.
    std::optional<UtcTime> last_failed_at;

    bool operator==(const WebhookHealth&) const = default;
};

// Something small that outlives the process, by its name.
struct KeptValue {
    std::string key;
    std::string value;  // Empty: there is none (any more).

    bool operator==(const KeptValue&) const = default;
};

// How a call stands here, for whoever hears of it from Twilio's list.
enum class CallStanding {
    unknown,
    awaited,  // Nobody told us of its end: open, or parked because nothing was heard.
    over,     // Settling, or further; merged and forgotten ones too.
    aside,    // Out of scope.
};
CallStanding standing_of(CallState state, std::optional<ParkReason> parked);

}  // namespace wrapup
