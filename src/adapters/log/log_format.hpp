#pragma once

// A LogLine as one line of text. Pure. Whatever a value holds, it stays on its line and within its
// quotes: control characters, quotes and bytes that are not UTF-8 are escaped or replaced.

#include <string>

#include "base/time.hpp"
#include "ports/event_log.hpp"

namespace wrapup {

// 2026-03-01T12:00:05.250Z INFO [Twilio CRM] call settled call_id=CA… outcome="no answer"
std::string format_text_line(const LogLine& line, UtcTime at);
// {"time":"…","level":"info","tag":"[Twilio CRM]","message":"…","call_id":"…",…}; every value is a
// string.
std::string format_json_line(const LogLine& line, UtcTime at);

}  // namespace wrapup
