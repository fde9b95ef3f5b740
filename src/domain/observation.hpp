#pragma once

// What one event says about a call, as typed values. Every field may be missing: senders leave out
// what they like. Empty strings mean "not said".

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/time.hpp"
#include "domain/call_status.hpp"

namespace wrapup {

// A Twilio status callback.
struct StatusReport {
    CallStatus status = CallStatus::queued;
    std::optional<std::int64_t> sequence_number;
    std::optional<std::int64_t> duration_s;  // CallDuration; never Duration, which is minutes.
    std::string answered_by;
    std::string to;
    std::string from;
    Direction direction = Direction::unknown;
    std::optional<UtcTime> at;  // Timestamp.
    std::string account_sid;    // Well formed, or empty.

    bool operator==(const StatusReport&) const = default;
};

// A status callback of a leg that another call made (ParentCallSid). Shown in the parent's story.
struct ChildLegReport {
    bool operator==(const ChildLegReport&) const = default;
};

// The answer of asynchronous machine detection.
struct MachineReport {
    std::string answered_by;
    std::string account_sid;
    bool operator==(const MachineReport&) const = default;
};

// Twilio's Call resource, read by REST.
struct TwilioCall {
    std::string sid;
    std::string account_sid;
    std::string parent_sid;
    std::optional<CallStatus> status;
    std::optional<std::int64_t> duration_s;
    std::string answered_by;
    std::string to;
    std::string from;
    Direction direction = Direction::unknown;
    std::optional<UtcTime> created_at;
    std::optional<UtcTime> started_at;
    std::optional<UtcTime> ended_at;

    bool operator==(const TwilioCall&) const = default;
};

enum class ConversationStatus { initiated, in_progress, processing, done, failed, unknown };

enum class PhoneLine {
    none,    // No phone call at all: a web widget, an SDK.
    twilio,  // call_sid is a Twilio CallSid.
    sip,     // call_sid was a SIP Call-ID, which is nobody's key.
    other,   // A carrier we do not know.
};

// An ElevenLabs conversation: the body of a post-call webhook, or the answer of GET conversation.
struct Conversation {
    std::string conversation_id;
    std::string agent_id;
    ConversationStatus status = ConversationStatus::unknown;
    PhoneLine line = PhoneLine::none;
    std::string call_sid;  // A Twilio CallSid (CA + 32 hex), wherever it was found; else empty.
    // It has a phone_call of its own; else a call is named only by its dynamic variables, which
    // whoever begins it sets.
    bool is_phone_call = false;
    bool has_own_call_sid = false;  // The phone_call names the CallSid, not the variables.
    std::string external_number;    // The other party.
    std::string agent_number;       // Ours.
    Direction direction = Direction::unknown;
    std::string summary;       // Only a usable one: the "couldn't be generated" sentence is none.
    std::string contact_name;  // From the dynamic variables.
    std::string call_result;   // answered, voicemail, busy, no_answer, failed.
    // The agent's voicemail detection took the other side for a machine.
    bool has_agent_voicemail = false;
    std::optional<std::int64_t> duration_s;
    std::optional<UtcTime> started_at;
    bool opts_out = false;  // The agent noted so (WRAPUP_OPT_OUT_FIELD).

    bool operator==(const Conversation&) const = default;
};

// ElevenLabs could not start an outbound call (call_initiation_failure).
struct InitiationFailure {
    std::string conversation_id;
    std::string agent_id;
    PhoneLine line = PhoneLine::none;
    std::string call_sid;  // As above.
    std::string account_sid;
    // What the failure amounts to: with metadata.type twilio its CallStatus, else by
    // failure_reason.
    CallStatus status = CallStatus::failed;
    std::string to;
    std::string from;
    Direction direction = Direction::unknown;
    std::optional<UtcTime> at;

    bool operator==(const InitiationFailure&) const = default;
};

// An answered call that we placed got no agent.
struct AgentAbsence {
    std::string why;  // A code (no_agent_words).
    bool operator==(const AgentAbsence&) const = default;
};

// Kept and shown, but says nothing about the outcome.
struct Remark {
    bool operator==(const Remark&) const = default;
};

using Observation = std::variant<Remark, StatusReport, ChildLegReport, MachineReport, TwilioCall,
                                 Conversation, InitiationFailure, AgentAbsence>;

}  // namespace wrapup
