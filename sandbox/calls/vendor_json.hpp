#pragma once

// Calls and conversations as the vendors write them. Sources: Twilio docs "Call resource", "Call
// status callbacks"; ElevenLabs OpenAPI GetConversationResponseModel and docs "Post-call webhooks".

#include <boost/json/object.hpp>
#include <string>

#include "codec/bytes/form.hpp"
#include "sandbox/calls/call_book.hpp"

namespace wrapup {

inline constexpr const char* sentinel_summary = "Summary couldn't be generated for this call.";

boost::json::object render_call(const PlayedCall& call, const std::string& account_sid);
// A status callback's fields. The final one has duration and, unless told apart, who answered.
Form render_status(const PlayedCall& call, const std::string& account_sid, CallStatus status,
                   int sequence, UtcTime at);
// What Twilio sends when it asks for TwiML.
Form render_twiml_request(const PlayedCall& call, const std::string& account_sid);
Form render_amd(const PlayedCall& call, const std::string& account_sid);

// The answer of GET conversation, and `data` of the post-call webhook.
boost::json::object render_conversation(const PlayedCall& call, const std::string& agent_id,
                                        UtcTime now);
boost::json::object render_conversation_item(const PlayedCall& call, const std::string& agent_id,
                                             UtcTime now, bool has_summary);
std::string render_webhook(const PlayedCall& call, const std::string& agent_id, UtcTime now);

}  // namespace wrapup
