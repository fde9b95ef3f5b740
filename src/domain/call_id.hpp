#pragma once

#include <string>
#include <string_view>

namespace wrapup {

// What a CallSid or a conversation id may look like: 1 to 128 letters, digits, '_', '-', '.'.
bool is_plausible_call_id(std::string_view text);
// As Twilio makes CallSids and ElevenLabs conversations' ids ("conv_…"). What is handed over in
// bulk under another id would never meet a call.
bool is_vendors_call_id(std::string_view text);
// The CallSid as Twilio writes it, in lower case: in the other case it is the same call. Empty: it
// is none.
std::string read_call_sid(std::string_view text);

}  // namespace wrapup
