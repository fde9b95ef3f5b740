#pragma once

// What Twilio reads in an answer of instructions: whether it is TwiML at all, and what it makes of
// the call.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wrapup {

struct TwimlScript {
    bool speaks = false;          // <Say> or <Play> before anything else.
    std::string stream_url;       // Of <Connect><Stream>; empty: the call is hung up.
    std::string conversation_id;  // A <Parameter> of that stream; empty: it has none.

    bool operator==(const TwimlScript&) const = default;
};

// invalid_input: no well-formed XML, no <Response>, or a verb that Twilio does not know.
Result<TwimlScript> read_twiml(std::string_view text);

}  // namespace wrapup
