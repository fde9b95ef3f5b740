#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/observation.hpp"
#include "domain/reconciliation.hpp"
#include "ports/task.hpp"

namespace wrapup {

// Asks ElevenLabs. Errors: not_found (404: also shortly after a call), unauthorized (401, 403: also
// a missing permission; asking again is pointless), rate_limited, unavailable, timeout,
// invalid_input (the answer cannot be read, or is about another conversation).
struct FetchedConversation {
    Conversation conversation;
    std::string payload;  // The document without its transcript, for the event.
};

struct ConversationListItem {
    std::string conversation_id;
    std::string agent_id;
    ConversationStatus status = ConversationStatus::unknown;
    Direction direction = Direction::unknown;
    std::optional<UtcTime> started_at;
    std::optional<std::int64_t> duration_s;
};
struct ConversationList {
    std::vector<ConversationListItem> items;
    std::string next_cursor;  // Empty at the end.
};
struct ConversationQuery {
    std::optional<UtcTime> started_after;
    std::optional<UtcTime> started_before;
    std::string agent_id;  // Empty: any.
    // Set: only conversations whose dynamic variable twilio_call_sid is this. A server that does
    // not know the filter ignores it: confirm with fetch_conversation.
    std::string variable_call_sid;
    std::string cursor;
};

// An error and, for rate_limited and unavailable, when the peer wants to be asked again.
struct ElevenLabsError {
    Error error;
    std::optional<seconds> retry_after;
};

template <class T>
struct ElevenLabsAnswer {
    std::optional<T> value;
    std::optional<ElevenLabsError> error;  // Exactly one of the two is set.
};

class ElevenLabsApi {
public:
    virtual ~ElevenLabsApi() = default;
    virtual Task<ElevenLabsAnswer<FetchedConversation>> fetch_conversation(std::string id) = 0;
    virtual Task<ElevenLabsAnswer<ConversationList>> list_conversations(
        ConversationQuery query) = 0;
    // The workspace's webhooks: those that send post-call events among them.
    virtual Task<ElevenLabsAnswer<std::vector<WebhookHealth>>> list_webhooks() = 0;
};

}  // namespace wrapup
