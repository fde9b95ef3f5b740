// Invariant: any payload of any kind gives an observation or invalid_input, alike every time.
// The first byte chooses the kind.

#include <array>

#include "codec/observation.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    constexpr std::array kinds = {EventKind::twilio_status,
                                  EventKind::twilio_child_status,
                                  EventKind::twilio_amd,
                                  EventKind::twilio_rest,
                                  EventKind::elevenlabs_transcription,
                                  EventKind::elevenlabs_otel,
                                  EventKind::elevenlabs_failure,
                                  EventKind::elevenlabs_conversation,
                                  EventKind::reconcile_call,
                                  EventKind::reconcile_conversation,
                                  EventKind::operator_action};
    if (size == 0) return 0;
    const EventKind kind = kinds[(data[0] - std::size_t{'0'}) % kinds.size()];
    const std::string_view payload = input_of(data, size).substr(1);
    const auto said = decode_observation(kind, payload);
    WRAPUP_ASSERT(said || said.error().code == Errc::invalid_input);
    WRAPUP_ASSERT(decode_observation(kind, payload) == said);
    return 0;
}
