#pragma once

// Every call the sandbox has placed and how far it is: what both vendors' REST APIs answer from,
// and what a CRM's records are counted against.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/observation.hpp"
#include "ports/clock.hpp"
#include "sandbox/calls/call_plan.hpp"

namespace wrapup {

// A conversation that ElevenLabs was asked to prepare, by register-call.
struct Registration {
    std::string conversation_id;
    std::string agent_id;
    std::string from;
    std::string to;
    std::string direction;
    std::string user_id;
    std::string variables;  // JSON object.
    UtcTime registered_at;
    std::string call_sid;  // Which call's stream came for it; empty: none yet.
};

struct PlayedCall {
    CallPlan plan;
    CallStatus status = CallStatus::queued;
    UtcTime placed_at;
    std::optional<UtcTime> dialled_at;
    std::optional<UtcTime> answered_at;
    std::optional<UtcTime> ended_at;
    const Registration* registration = nullptr;  // Of its conversation, when it was prepared.
    int twiml_requests_count = 0;
    int conversations_count = 0;
    std::string trouble;             // What Twilio would write into its debugger.
    std::optional<CallStatus> stop;  // Somebody asked to end it, so.
    // Rings when somebody did. Shared with whoever sleeps by it and may outlive the call.
    std::shared_ptr<Alarm> alarm = std::make_shared<Alarm>();
};

// Nothing while nobody has answered, or when nobody ever talked to the agent.
std::optional<ConversationStatus> conversation_status(const PlayedCall& call, UtcTime now);

class CallBook {
public:
    // The references stay valid. A CallSid is placed once.
    PlayedCall& add(CallPlan plan, UtcTime now);
    const PlayedCall* find(std::string_view sid) const;
    // Ends it as soon as it can be: `canceled` before it is answered, `completed` after.
    void stop(const PlayedCall& call, CallStatus how);

    const Registration& add(Registration registration);
    // The call's stream comes for the conversation. False when it was never prepared, or another
    // stream came before.
    bool connect(PlayedCall& call, const std::string& conversation_id);
    const std::deque<Registration>& registrations() const { return registrations_; }
    // Conversations that take up the plan's concurrency.
    std::size_t talking_count(UtcTime now) const;

    const PlayedCall* find_conversation(std::string_view conversation_id) const;
    const std::deque<PlayedCall>& calls() const { return calls_; }  // In the order of placing.
    std::size_t ended_count() const;

private:
    std::deque<PlayedCall> calls_;
    std::deque<Registration> registrations_;
    std::unordered_map<std::string, PlayedCall*> by_id_;
    std::unordered_map<std::string, Registration*> registered_;
};

}  // namespace wrapup
