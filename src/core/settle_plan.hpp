#pragma once

// Decides the next step towards a call's record. Sans-IO: the settler asks, carries the step out,
// and asks again with what it learned. Design: docs/settling.md.

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
    bool can_ask_elevenlabs = false;   // An API key is set.
    bool awaits_webhook = false;       // A webhook secret is set.
    bool can_ask_twilio = false;       // Credentials are set.
    bool accepts_inbound = false;
    std::vector<std::string> our_agents;  // Empty: any.
    UtcTime process_started_at{};
};

struct SettleQuestion {
    const Facts& facts;
    const SettleProgress& progress;
    const std::optional<CallMetadata>& metadata;  // Set once resolved.
    bool is_forced = false;  // A person wants the record now, with what is known.
};

// Steps.
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
    std::string note;  // Why now: "summary by webhook", "no summary by the deadline", ...
    bool operator==(const FixRecord&) const = default;
};
struct ParkCall {
    ParkReason reason = ParkReason::silent;
    bool operator==(const ParkCall&) const = default;
};
struct IgnoreCall {
    std::string note;
    bool operator==(const IgnoreCall&) const = default;
};
using SettleStep =
    std::variant<WaitUntil, AskMetadata, AskTwilio, AskConversation, FixRecord, ParkCall, IgnoreCall>;

SettleStep plan_settle(const SettleQuestion& question, const SettlePolicy& policy, UtcTime now);

// Whether the call has ended by anybody's word, so that a forced settle may fix it.
bool is_over(const Facts& facts);

// The record of these facts and metadata.
Record make_record(const Facts& facts, const CallMetadata& metadata);

// When the summary is given up: the later of end + wait and 30 s (or the wait where shorter) after
// the call was first workable.
UtcTime summary_deadline(const Facts& facts, const SettleProgress& progress,
                         const SettlePolicy& policy);

}  // namespace wrapup
