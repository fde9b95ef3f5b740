#pragma once

// What one call will do and what goes wrong on the way: the truth that a record is held against.

#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "domain/call_status.hpp"
#include "domain/outcome.hpp"

namespace wrapup {

struct CallFaults {
    int end_copies = 1;             // How often the final status callback is sent; 0: it is lost.
    bool is_end_first = false;      // The final callback overtakes the earlier ones.
    milliseconds callback_delay{};  // Before each callback is sent.
    int webhook_copies = 1;         // 0: ElevenLabs stays silent.
    milliseconds webhook_delay{};   // After the summary is there.
    milliseconds processing{};      // How long ElevenLabs works on the summary.
    bool has_sentinel = false;      // "Summary couldn't be generated for this call."

    bool operator==(const CallFaults&) const = default;
};

// Which status callbacks are wanted.
struct ToldEvents {
    bool initiated = true;
    bool ringing = true;
    bool answered = true;
    bool completed = true;

    bool operator==(const ToldEvents&) const = default;
};

// What Twilio does when somebody answers.
struct Instructions {
    bool are_given = false;  // Else the agent simply talks.
    std::string url;         // Asked for TwiML; empty: `twiml` counts.
    std::string fallback_url;
    std::string twiml;
};

struct CallPlan {
    std::string sid;
    std::string conversation_id;  // Empty: nobody talked to the agent.
    std::string to;
    std::string from;
    std::string name;  // Of the contact; travels to ElevenLabs as a dynamic variable.
    std::string campaign_id;
    CallStatus end = CallStatus::completed;
    std::int64_t duration_s = 0;  // As Twilio reports it.
    std::string answered_by;      // "human", "machine_start"; empty: not detected.
    bool is_amd_async = false;    // Told by a callback of its own; else with the final status.
    std::string summary;
    Outcome outcome = Outcome::held;  // What the CRM must be told.

    std::string collected;  // What the agent noted, a JSON object: name to value.

    // How long playing it takes, whatever duration_s says.
    milliseconds queue{20};  // From asking for the call to dialling.
    milliseconds ring{};
    milliseconds talk{};

    std::string status_callback;  // URLs, a fragment with connection overrides included.
    std::string amd_callback;
    ToldEvents told;
    Instructions instructions;
    CallFaults faults;
};

}  // namespace wrapup
