#pragma once

// How people and spreadsheets write a phone number, before anybody asks whether it is one. Pure.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wrapup {

// The number without what stands around it: blanks of every kind, zero-width and bidi marks, a
// spreadsheet's apostrophe or ="…", `tel:`; dashes and digits of other scripts become ASCII, an
// extension goes, and 61413052898.0 loses its decimals. A sip:, sips: or client: address stays as
// it is. invalid_input says what it is instead ("holds two numbers"), in words that follow the
// field's name and never quote the text.
Result<std::string> plain_phone_text(std::string_view text);

}  // namespace wrapup
