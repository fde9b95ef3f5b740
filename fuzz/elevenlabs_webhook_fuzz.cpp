// Invariant: the payload of every accepted webhook is understood again and names the same call.

#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/observation.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view body = input_of(data, size);
    (void)elevenlabs_error_text(body);
    const auto event = webhook_event(body, {{"agent_1"}, false}, from_unix_s(1762713911));
    if (!event) return 0;
    WRAPUP_ASSERT(!event->conversation_id.empty());
    WRAPUP_ASSERT(!event->dedup_key.empty() && event->dedup_key.size() <= 120);
    const auto said = decode_observation(event->kind, event->payload);
    WRAPUP_ASSERT(said.has_value());
    if (const auto* conversation = std::get_if<Conversation>(&*said)) {
        WRAPUP_ASSERT(conversation->conversation_id == event->conversation_id);
        WRAPUP_ASSERT(conversation->call_sid == event->call_sid);
    }
    if (const auto* failure = std::get_if<InitiationFailure>(&*said)) {
        WRAPUP_ASSERT(failure->conversation_id == event->conversation_id);
        WRAPUP_ASSERT(failure->call_sid == event->call_sid);
        WRAPUP_ASSERT(is_terminal(failure->status));
    }
    return 0;
}
