#pragma once

// Text of the outside, made fit for people and for every CRM.

#include <string>
#include <string_view>

namespace wrapup {

// Valid UTF-8 without control characters: of C0 only '\n' and '\t' stay (other ends of lines become
// '\n'), and neither DEL nor C1 nor a terminal's escape sequences do. Bytes that are not UTF-8
// become U+FFFD. Applied again, it changes nothing.
std::string plain_text(std::string_view text);

// Whether the text stands for a value that somebody's program did not have: blanks and dashes,
// "null", "undefined", "None", "N/A", "Unknown", a word in braces.
bool is_missing_value(std::string_view text);

// The same, or a template in it that nobody filled in, such as "{{customer_name}}".
bool is_placeholder(std::string_view text);

// The text as plain text without blanks around it; empty when it is a placeholder.
std::string value_or_empty(std::string_view text);

}  // namespace wrapup
