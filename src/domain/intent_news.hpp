#pragma once

// What can happen to an intent, and what comes of it (core/placing/intent_machine.hpp).

#include <optional>
#include <string>
#include <variant>

#include "domain/call_status.hpp"
#include "domain/intent.hpp"

namespace wrapup {

// ---- What can happen ----

// A placer is about to ask Twilio. From `waiting`, or again when the call is surely not there.
struct BeginAsking {};
// Twilio made the call.
struct TwilioAccepted {
    std::string call_sid;
    std::string status;
};
// Twilio did not, and may later: the intent waits until then.
struct TwilioDeferred {
    UtcTime until{};
};
// Twilio did not, and will not; or a guard of ours says no.
struct PlacingRefused {
    std::string reason;
    std::string advice;
    std::int64_t twilio_code = 0;
};
// Twilio's answer was lost.
struct AnswerLost {};
// It was looked for and is not in Twilio's list.
struct NotFoundYet {};
// Twilio could not be asked for its list: later again.
struct LookAgain {
    UtcTime at{};
};
// The call was found in Twilio's list, or a callback told of it. Anything may come late or twice.
struct CallHeard {
    std::string call_sid;
    std::optional<CallStatus> status;
    std::string answered_by;
};
// Twilio asks what the answered call is to hear.
struct CallAnswered {
    std::string call_sid;
    bool is_in_hours = true;
    bool is_do_not_call = false;  // Of the store's own knowledge (AdvanceIntent).
};
struct AgentGiven {  // The conversation that it got; empty: not known.
    std::string conversation_id;
    UtcTime at{};        // When Twilio was told.
    std::string twiml;   // What it was told.
    std::int64_t ask{};  // Intent::agent_asks_count when the agent was asked for.
};
struct AgentMissing {  // There was none: abandoned.
    std::string call_sid;
    std::string why;     // A code (no_agent_words).
    std::int64_t ask{};  // As of AgentGiven; 0: none was asked for.
};
struct CancelWanted {
    std::string reason;  // Empty: a person's wish.
};
// Twilio was to cancel the call, and did not.
struct CancelFailed {
    std::string advice;
};
// The list that it belongs to is paused: it is held, not ended.
struct ListPaused {};
struct StrayEnded {
    std::string call_sid;
};
struct WindowClosed {};    // While it was waiting.
struct PlacingParked {     // Nobody knows, and it may not be placed again.
    std::string seen_sid;  // A call that Twilio lists, which may be ours or another program's.
};

using IntentNews =
    std::variant<BeginAsking, TwilioAccepted, TwilioDeferred, PlacingRefused, AnswerLost,
                 NotFoundYet, LookAgain, CallHeard, CallAnswered, AgentGiven, AgentMissing,
                 CancelWanted, CancelFailed, ListPaused, StrayEnded, WindowClosed, PlacingParked>;

// ---- What comes of it ----

struct IntentStep {
    enum class Kind {
        moved,
        ignored,   // It changes nothing: repeated, or too late to count.
        hung_up,   // Of CallAnswered: this call gets no agent; `why` is a code.
        conflict,  // It cannot happen in this state.
    };
    Kind kind = Kind::moved;
    std::string why;
    // A CallSid that became known as this intent's: its record wants the metadata.
    std::string bound_sid;
    // Of CallAnswered: whoever told of it asks for the agent now, and nobody else.
    bool asks_agent = false;
    // An answered call of this intent that got no agent, and why: its record says so.
    std::string no_agent_sid;
    std::string no_agent;
};

}  // namespace wrapup
