#pragma once

// What ElevenLabs gives an answered call to hear, before Twilio is told.

#include <string_view>

namespace wrapup {

// Whether Twilio can read it, and it gives the call to an agent: well-formed XML without a document
// type, a <Response> with a <Connect><Stream url="…">, and no verb that leads the call elsewhere.
// What Twilio cannot read, it answers with a sentence of its own.
bool leads_to_agent(std::string_view twiml);

}  // namespace wrapup
