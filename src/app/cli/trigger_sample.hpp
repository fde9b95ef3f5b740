#pragma once

// The callback that `wrapup trigger` sends: what Twilio posts at the end of a call.

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "codec/bytes/form.hpp"

namespace wrapup {

struct SampleCall {
    std::string call_sid;
    std::string account_sid;
    std::string from;
    std::string to;
    std::string ending;  // One of sample_endings().
};

// held, voicemail, and the statuses of Twilio that end a call unanswered.
std::vector<std::string> sample_endings();

// Requires an ending that is one.
Form sample_callback(const SampleCall& call, UtcTime now);

}  // namespace wrapup
