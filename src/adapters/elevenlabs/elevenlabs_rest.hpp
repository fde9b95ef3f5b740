#pragma once

#include <string>

#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "ports/call_placing.hpp"
#include "ports/clock.hpp"
#include "ports/elevenlabs_api.hpp"
#include "ports/http_transport.hpp"

namespace wrapup {

// ElevenLabs' Agents REST API. Source: its OpenAPI description, "Get conversation" and "List
// conversations".
class ElevenLabsRest final : public ElevenLabsApi, public AgentRegistry {
public:
    ElevenLabsRest(HttpTransport& transport, const Clock& clock, std::string base_url,
                   std::string api_key, ConversationReading reading = {});

    Task<ElevenLabsAnswer<FetchedConversation>> fetch_conversation(std::string id) override;
    Task<ElevenLabsAnswer<ConversationList>> list_conversations(ConversationQuery query) override;
    Task<ElevenLabsAnswer<std::vector<WebhookHealth>>> list_webhooks() override;
    Task<Result<RegisteredAgent>> register_call(AgentOrder order) override;

private:
    HttpRequest request_for(std::string url) const;
    ElevenLabsError to_error(const HttpAnswer& answer) const;

    HttpTransport& transport_;
    const Clock& clock_;
    const std::string base_url_;
    const std::string conversations_url_;
    const std::string api_key_;
    const ConversationReading reading_;
};

}  // namespace wrapup
