#pragma once

// A text as a JSON string, without a library: the record's bytes must never change with one, and on
// the way of a status callback a tree would cost more than the signature.

#include <string>
#include <string_view>

namespace wrapup {

// With its quotes. RFC 8259, section 7: only the quote, the backslash and control characters are
// escaped, everything else stays UTF-8. Bytes that are not UTF-8 become U+FFFD, so that the result
// is always valid.
void append_json_string(std::string& out, std::string_view text);
std::string json_quoted(std::string_view text);

}  // namespace wrapup
