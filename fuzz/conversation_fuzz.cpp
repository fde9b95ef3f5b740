// Invariant: a conversation document is stored and understood again as the same conversation,
// and an opt-out that is told as unreadable is none.

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
    bool is_unreadable = false;
    ConversationReading reading;
    reading.opt_out_field = "opt_out";
    reading.tell_unreadable = [&is_unreadable](const Conversation&) { is_unreadable = true; };
    const auto read = parse_conversation(input_of(data, size), reading);
    WRAPUP_ASSERT(read.has_value() && !(is_unreadable && read->conversation.opts_out));
    return 0;
}
