#pragma once

// Events: what senders told us about a call. Appended, never changed.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "domain/observation.hpp"

namespace wrapup {

enum class EventKind {
    twilio_status,             // signed status callback
    twilio_child_status,       // the same for a leg with a ParentCallSid
    twilio_amd,                // signed asynchronous machine detection callback
    twilio_rest,               // a terminal answer of Twilio's REST API
    elevenlabs_transcription,  // signed post_call_transcription
    elevenlabs_otel,           // signed post_call_transcription_otel: no summary inside
    elevenlabs_failure,        // signed call_initiation_failure
    elevenlabs_conversation,   // a final answer of GET conversation
    reconcile_call,            // a call that Twilio listed and nobody had told us the end of
    reconcile_conversation,    // the same of ElevenLabs
    placing_no_agent,          // an answered call that we placed got no agent, and why
    operator_action,           // a person did something: sent, replayed, forgot
};

std::string_view to_string(EventKind kind);  // "twilio.status" and so on: stored and shown.
std::optional<EventKind> parse_event_kind(std::string_view name);

// An event on its way into the store. At least one of call_sid and conversation_id is set.
struct NewEvent {
    EventKind kind = EventKind::operator_action;
    std::string call_sid;         // Twilio CallSid, when known.
    std::string conversation_id;  // ElevenLabs conversation, when known.
    // Same key, same call: a repeat, ignored. Made by the codec from what identifies the event.
    std::string dedup_key;
    UtcTime received_at{};
    // When the settler has to look at the call because of this event.
    UtcTime due_at{};
    std::optional<UtcTime> created_at;  // When Twilio made the call, where the sender says it.
    std::string to;                     // The other party's number, for lists; may be empty.
    std::string payload;                // JSON: everything the sender said, transcripts aside.
    // False: the event is kept under its call, but does not by itself make the call ours
    // (a child leg, another agent's conversation, a web conversation).
    bool is_ours = true;
    // The person said not to be called again: the number goes onto the do-not-call list, durable
    // with the event.
    bool opts_out = false;

    bool operator==(const NewEvent&) const = default;
};

// An event as it was stored. `seq` counts the events of one call from 1.
struct StoredEvent {
    std::int64_t seq = 0;
    EventKind kind = EventKind::operator_action;
    UtcTime received_at{};
    bool is_late = false;  // Came after the record was fixed.
    std::string payload;

    bool operator==(const StoredEvent&) const = default;
};

// A stored event with its payload understood.
struct ObservedEvent {
    EventKind kind = EventKind::operator_action;
    UtcTime received_at{};
    Observation said;

    bool operator==(const ObservedEvent&) const = default;
};

}  // namespace wrapup
