#include "app/cli/trigger_sample.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace wrapup {
namespace {

struct Ending {
    std::string_view word;
    std::string_view status;
    std::string_view seconds;
    std::string_view sip_code;
    std::string_view answered_by;
};
constexpr std::array<Ending, 6> endings{{
    {"held", "completed", "42", "200", "human"},
    {"voicemail", "completed", "17", "200", "machine_start"},
    {"busy", "busy", "0", "486", ""},
    {"no-answer", "no-answer", "0", "487", ""},
    {"failed", "failed", "0", "404", ""},
    {"canceled", "canceled", "0", "487", ""},
}};

}  // namespace

std::vector<std::string> sample_endings() {
    std::vector<std::string> words;
    for (const Ending& one : endings) words.emplace_back(one.word);
    return words;
}

Form sample_callback(const SampleCall& call, UtcTime now) {
    const auto* const ending = std::ranges::find(endings, call.ending, &Ending::word);
    WRAPUP_ASSERT(ending != endings.end());
    const auto text = [](std::string_view words) { return std::string(words); };
    Form form{{"CallSid", call.call_sid},
              {"AccountSid", call.account_sid},
              {"From", call.from},
              {"To", call.to},
              {"Caller", call.from},
              {"Called", call.to},
              {"CallStatus", text(ending->status)},
              {"ApiVersion", "2010-04-01"},
              {"Direction", "outbound-api"},
              {"CallDuration", text(ending->seconds)},
              {"Duration", ending->seconds == "0" ? "0" : "1"},
              {"SipResponseCode", text(ending->sip_code)},
              {"Timestamp", format_rfc2822(now)},
              {"CallbackSource", "call-progress-events"},
              {"SequenceNumber", "3"}};
    if (!ending->answered_by.empty()) form.emplace_back("AnsweredBy", ending->answered_by);
    // Twilio sends these empty, and signs them.
    for (const char* const name : {"FromCity", "FromState", "FromZip", "ToCity", "ToState"}) {
        form.emplace_back(name, "");
    }
    return form;
}

}  // namespace wrapup
