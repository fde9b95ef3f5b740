#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wrapup {

// Reads what somebody wrote as a phone number to E.164, or says that it is none.
using ReadNumber = std::function<Result<std::string>(std::string_view)>;

// "+61413052898": a plus and 7 to 15 digits, the first one no 0.
bool is_e164(std::string_view text);

// sip:, sips: or client: and something behind it.
bool is_voice_address(std::string_view text);

// Whether it can be called as it is: E.164, or a voice address.
bool is_callable(std::string_view number);

// The other party of a call, as a vendor or a SIP trunk names it, in the form in which numbers are
// called and compared: "61413052898" and "sip:+61413052898@pbx.example.com" are "+61413052898".
// What cannot be read stays as it is. `read` is only asked where it is not E.164 already.
std::string callable_number(std::string_view text, const ReadNumber& read);

// Whether two spellings may mean one number: "0413052898", "sip:61413052898@pbx.example.com" and
// "+61413052898" may. What is no number may be any; an extension or a short code is only itself.
bool may_be_same_number(std::string_view one, std::string_view other);

}  // namespace wrapup
