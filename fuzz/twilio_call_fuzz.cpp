// Invariant: a Call resource that is understood is stored and understood again as the same call.

#include "codec/observation.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "domain/phone_number.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view json = input_of(data, size);
    const auto call = parse_twilio_call(json);
    if (!call) return 0;
    WRAPUP_ASSERT(is_call_sid(call->sid));
    WRAPUP_ASSERT(!call->duration_s || *call->duration_s >= 0);
    const NewEvent event = twilio_rest_event(*call, json, from_unix_s(1762713911));
    const auto said = decode_observation(event.kind, event.payload);
    WRAPUP_ASSERT(said.has_value() && std::get<TwilioCall>(*said) == *call);
    return 0;
}
