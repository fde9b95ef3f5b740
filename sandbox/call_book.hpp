#pragma once

// Every call the sandbox has placed and how far it is: what both vendors' REST APIs answer from,
// and what a CRM's records are counted against.

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/observation.hpp"
#include "sandbox/call_plan.hpp"

namespace wrapup {

struct PlayedCall {
    CallPlan plan;
    CallStatus status = CallStatus::queued;
    UtcTime placed_at;
    std::optional<UtcTime> answered_at;
    std::optional<UtcTime> ended_at;
};

// Nothing while nobody has answered, or when nobody ever talked to the agent.
std::optional<ConversationStatus> conversation_status(const PlayedCall& call, UtcTime now);

class CallBook {
public:
    // The references stay valid. A CallSid is placed once.
    PlayedCall& add(CallPlan plan, UtcTime now);
    const PlayedCall* find(std::string_view sid) const;
    const PlayedCall* find_conversation(std::string_view conversation_id) const;
    const std::deque<PlayedCall>& calls() const { return calls_; }  // In the order of placing.
    std::size_t ended_count() const;

private:
    std::deque<PlayedCall> calls_;
    std::unordered_map<std::string, const PlayedCall*> by_id_;
};

}  // namespace wrapup
