#pragma once

// ElevenLabs' register-call: what is asked, and what its TwiML tells.

#include <string>
#include <string_view>

namespace wrapup {

struct AgentOrderFields {
    std::string_view agent_id;
    std::string_view from;
    std::string_view to;
    std::string_view variables;  // A JSON object; empty or unreadable: none.
};
std::string render_agent_order(const AgentOrderFields& order);

// The conversation that the TwiML leads to; empty when it does not say so in a way we know.
std::string conversation_in_twiml(std::string_view twiml);

}  // namespace wrapup
