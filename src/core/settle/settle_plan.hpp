#pragma once

// Decides the next step towards a call's record. Sans-IO: the settler asks, carries the step out,
// notes in the progress what came of it, and asks again. docs/settling.md tells the whole story.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "domain/call.hpp"
#include "domain/facts.hpp"

namespace wrapup {

struct SettlePolicy {
    milliseconds summary_wait{seconds{180}};
    milliseconds twilio_grace{seconds{30}};
    milliseconds metadata_wait{std::chrono::minutes{10}};
    bool can_ask_elevenlabs = false;  // An API key is set.
    bool awaits_webhook = false;      // A webhook secret is set.
    bool can_ask_twilio = false;      // Credentials are set.
    bool checks_open_calls = false;   // Twilio is asked about calls whose end may have been lost.
    bool accepts_inbound = false;
    UtcTime process_started_at{};
};

struct SettleQuestion {
    const Facts& facts;
    const SettleProgress& progress;
    const CallMetadata& metadata;  // What is known so far; final once metadata_resolved_at is set.
    bool is_forced = false;        // A person wants the record now, with what is known.
    // ElevenLabs said that the conversation is over, but not how (post_call_transcription_otel).
    std::optional<UtcTime> told_over_at = std::nullopt;
    std::optional<UtcTime> twilio_asked_at = std::nullopt;  // A question that is out.
    bool is_conversation_asked = false;  // The question is out, or waits for its turn.
    bool is_answered = false;            // Twilio told us that somebody took the call.
};

struct WaitUntil {
    UtcTime due_at{};
    bool operator==(const WaitUntil&) const = default;
};
struct AskMetadata {
    bool operator==(const AskMetadata&) const = default;
};
struct AskTwilio {
    bool operator==(const AskTwilio&) const = default;
};
struct AskConversation {
    std::string conversation_id;  // Empty: find it by the CallSid first.
    bool operator==(const AskConversation&) const = default;
};
struct FixRecord {
    std::string_view note;  // Why now.
    bool operator==(const FixRecord&) const = default;
};
struct ParkCall {
    ParkReason reason = ParkReason::silent;
    bool operator==(const ParkCall&) const = default;
};
struct IgnoreCall {
    std::string_view note;
    bool operator==(const IgnoreCall&) const = default;
};
using SettleStep = std::variant<WaitUntil, AskMetadata, AskTwilio, AskConversation, FixRecord,
                                ParkCall, IgnoreCall>;

// Every state of a call has a step, and each step either ends it or names a time (P4). The same
// question at the same time has the same answer. The notes point to constants.
SettleStep plan_settle(const SettleQuestion& question, const SettlePolicy& policy, UtcTime now);

// Whether the call has ended by anybody's word, so that a forced settle may fix it.
bool is_over(const Facts& facts);

// The record of these facts and metadata. Requires is_over().
Record make_record(const Facts& facts, const CallMetadata& metadata);

// When the call ended, as far as that can be believed: never after we heard of it.
UtcTime ended_at(const Facts& facts);

// When the wait for a summary ends: the later of the call's end + summary_wait and 30 s (or
// summary_wait where that is shorter) after the call was workable: known to be over, its metadata
// resolved, the process up and able to look at it.
UtcTime summary_deadline(const Facts& facts, const SettleProgress& progress,
                         const SettlePolicy& policy);

// Where nothing but ElevenLabs' word on the conversation is waited for.
struct ConversationPolls {
    std::string conversation_id;  // Empty: not known yet.
    UtcTime workable_at{};        // What the schedule of polls counts from.
    UtcTime next_at{};            // Now: it waits for its turn.
    UtcTime look_at{};            // When the call itself is looked at again: before its deadline.
};
// Nothing where the call waits for something else too, or its deadline is near.
std::optional<ConversationPolls> polls_of(const SettleQuestion& question,
                                          const SettlePolicy& policy, UtcTime now);
// After what `progress` says.
UtcTime next_poll_at(UtcTime workable_at, const SettleProgress& progress);

// The deadline passed while the call was due and nobody could look at it (a store in trouble, a
// claim whose answer was lost), or before its turn to be asked about: it is workable anew. `due_at`
// is that of the claim.
void note_absence(SettleProgress& progress, const Facts& facts, std::optional<UtcTime> due_at,
                  const SettlePolicy& policy, UtcTime now);

// Whether a record made from all we know today would contradict the one that was fixed. A summary
// that came later completes it and contradicts nothing.
bool contradicts(const Record& today, const Call& fixed);

// ---- What an answer does to the progress. ----

enum class MetadataReply { found, not_yet, absent, away };
void note_metadata(SettleProgress& progress, MetadataReply reply, const SettlePolicy& policy,
                   UtcTime now);

enum class TwilioReply {
    ended,    // The call, and it is over.
    running,  // The call, and it is not over (yet).
    unknown,  // There is no such call.
    refused,  // We may not ask.
    failed,   // No useful answer; worth another try.
};
void note_twilio(SettleProgress& progress, TwilioReply reply, std::string said, UtcTime now);

enum class ConversationReply {
    final,    // done or failed.
    pending,  // Still running or being processed, not found yet, or the peer is in trouble.
    refused,  // 401, 403.
};
// `not_before`: when the peer wants to be asked again (429).
void note_conversation(SettleProgress& progress, ConversationReply reply, std::string said,
                       std::optional<UtcTime> not_before, UtcTime now);
// Takes over what was noted of polls, unless `progress` tells of later ones.
void keep_polls(SettleProgress& progress, const SettleProgress& noted);

}  // namespace wrapup
