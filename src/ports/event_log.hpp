#pragma once

// One line per change of a call. Callers hand over values, never sentences made of them, so that P6
// (no secret, no personal data) is decided in one place: a phone number may only be given as
// mask_phone_number(), and names, summaries, bodies, URLs and headers not at all.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wrapup {

enum class LogLevel { debug, info, warning, error };
// Which path the line is about: [Twilio CRM], [ElevenLabs CRM], or neither.
enum class LogTag { none, twilio, elevenlabs };

struct LogLine {
    LogLevel level = LogLevel::info;
    LogTag tag = LogTag::none;
    std::string_view message;  // A constant: "call settled".
    std::string call_id;       // Empty when the line is about no call.
    std::vector<std::pair<std::string_view, std::string>> fields;
};

class EventLog {
public:
    virtual ~EventLog() = default;
    // Whether lines of this level are kept: what nobody reads need not be put together.
    virtual bool wants(LogLevel) const { return true; }
    virtual void write(const LogLine& line) = 0;  // From any thread; never throws.
};

}  // namespace wrapup
