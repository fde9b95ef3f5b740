// Invariant: whatever Twilio, ElevenLabs or a caller answer or ask about a call that is placed,
// what is understood of it is well formed: a made call has a CallSid, a fault tells no number, a
// conversation's id and an intent's fit into a path, and what is passed on leads to a stream.

#include <algorithm>

#include "codec/elevenlabs/agent_twiml.hpp"
#include "codec/elevenlabs/registered_agent.hpp"
#include "codec/place_token.hpp"
#include "codec/placing_text.hpp"
#include "codec/twilio/call_order.hpp"
#include "domain/phone_number.hpp"
#include "fuzz/fuzz.hpp"
#include "http/api/placing_input.hpp"

namespace {

bool is_plain(std::string_view id) {
    return id.find_first_of(" \"'<>&/\\") == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view text = input_of(data, size);
    if (const auto made = parse_made_call(text)) WRAPUP_ASSERT(is_call_sid(made->call.sid));
    WRAPUP_ASSERT(parse_twilio_code(text) >= 0);
    WRAPUP_ASSERT(is_plain(conversation_in_twiml(text)));
    if (leads_to_agent(text)) {
        for (const char* const tag :
             {"<Response", "</Response", "<Connect", "</Connect", "<Stream"}) {
            WRAPUP_ASSERT(text.find(tag) != std::string_view::npos);
        }
    }
    if (const auto id = read_place_token("secret", text)) {
        WRAPUP_ASSERT(make_place_token("secret", *id) == text);
    }
    const std::string spoken = twiml_sorry(text);
    WRAPUP_ASSERT(text.empty() || spoken.find("<Say>") != std::string::npos);
    const auto asked = parse_place_request(text, from_unix_s(1'772'366'400));
    if (const auto* intent = std::get_if<Intent>(&asked)) {
        WRAPUP_ASSERT(intent->to.starts_with('+'));
        Intent answered = *intent;
        answered.id = std::string(intent_id_size, 'a');
        WRAPUP_ASSERT(agent_variables(answered).find(answered.id) != std::string::npos);
    }
    const auto filter = parse_intent_filter(text);
    if (const auto* wanted = std::get_if<IntentFilter>(&filter)) {
        WRAPUP_ASSERT(wanted->limit >= 1 && wanted->limit <= 200);
    }
    return 0;
}
