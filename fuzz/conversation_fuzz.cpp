// Invariant: a conversation document is stored and understood again as the same conversation.

#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/observation.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto document = parse_conversation(input_of(data, size));
    if (!document) return 0;
    const Conversation& conversation = document->conversation;
    WRAPUP_ASSERT(conversation.summary.empty() || is_usable_summary(conversation.summary));
    const NewEvent event =
        conversation_event(conversation, document->payload, from_unix_s(1762713911));
    const auto said = decode_observation(event.kind, event.payload);
    WRAPUP_ASSERT(said.has_value() && std::get<Conversation>(*said) == conversation);
    return 0;
}
