#pragma once

// ElevenLabs' post-call webhooks and conversation documents. Tolerant: only `conversation_id` is
// required, unknown members are kept, transcripts are dropped. Source: ElevenLabs docs "Post-call
// webhooks" and OpenAPI GetConversationResponseModel.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/callable_number.hpp"
#include "domain/event.hpp"
#include "domain/observation.hpp"

namespace wrapup {

enum class WebhookKind { transcription, otel, failure, audio, other };
WebhookKind webhook_kind(std::string_view type);

// What is read of a conversation when it arrives, and not when it is read again from the store.
struct ConversationReading {
    // The data collection field in which the agent notes that somebody must not be called again;
    // empty: none.
    std::string opt_out_field = {};
    // Told of each conversation whose field holds what is neither yes nor no. May be empty.
    std::function<void(const Conversation&)> tell_unreadable = {};
    ReadNumber read_number = {};  // Of the other party; see callable_number().
    // Ours (TWILIO_PHONE_NUMBER): where nobody says who called, none of them is the other party.
    std::vector<std::string> our_numbers = {};
};

// A webhook of a kind we use (transcription, otel, failure). invalid_input: not JSON, or no
// data.conversation_id. `our_agents`: when not empty, another agent's conversation is not ours.
// A conversation without a phone call is not ours either. `accepts_inbound`: see WRAPUP_INBOUND.
struct WebhookScope {
    std::vector<std::string> our_agents;
    bool accepts_inbound = false;
    ConversationReading reading = {};
};
Result<NewEvent> webhook_event(std::string_view body, const WebhookScope& scope,
                               UtcTime received_at);

// A conversation document (the answer of GET conversation, or `data` of a webhook).
struct ConversationDocument {
    Conversation conversation;
    std::string payload;  // Without transcript.
};
Result<ConversationDocument> parse_conversation(std::string_view json,
                                                const ConversationReading& reading = {});
// The event of a final (done, failed) answer of GET conversation.
NewEvent conversation_event(const Conversation& conversation, std::string_view payload,
                            UtcTime received_at);

// The same of one that was found by listing. Its key is the same.
NewEvent reconciled_conversation_event(const Conversation& conversation, std::string_view payload,
                                       UtcTime received_at);

// `detail` of an error answer, which may be a string, an object or a list: a short text.
std::string elevenlabs_error_text(std::string_view json);

// "", null, a placeholder and the fixed "couldn't be generated" sentence (either apostrophe) are no
// summary.
bool is_usable_summary(std::string_view text);

}  // namespace wrapup
