#pragma once

// What Twilio is asked to make, and what it answers. Source: Twilio's OpenAPI description,
// CreateCall; its error dictionary.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "codec/bytes/form.hpp"
#include "domain/observation.hpp"

namespace wrapup {

struct OutboundCallFields {
    std::string_view to;
    std::string_view from;
    std::string_view twiml_url;
    std::string_view status_url;
    std::string_view machine_url;
    std::int64_t timeout_s = 0;
    std::int64_t time_limit_s = 0;
};
Form call_order_form(const OutboundCallFields& order);

// How Twilio is to repeat a callback, as a fragment behind its URL: five times, of server errors
// and failures of connect and read, 2 s and 2.5 s. It is not signed and not sent.
inline constexpr std::string_view connection_overrides = "#rc=5&rp=5xx,ct,rt&ct=2000&rt=2500";

struct MadeCall {
    TwilioCall call;
    std::optional<milliseconds> queue_time;
};
Result<MadeCall> parse_made_call(std::string_view json);

// The code of an error answer; 0: it tells none. Its message is not read, for it may quote a number
// and whatever else was asked.
std::int64_t parse_twilio_code(std::string_view json);

}  // namespace wrapup
