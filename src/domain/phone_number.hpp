#pragma once

#include <string>
#include <string_view>

namespace wrapup {

// "+61413052898" -> "+614•••••898": enough to recognise a number one knows, not enough to call it.
// Short or odd values become dots altogether. The only form in which a number may be logged.
std::string mask_phone_number(std::string_view number);

// Spaces, dots, dashes and parentheses removed, a leading 00 turned into '+'. Not a validation.
std::string normalize_phone_number(std::string_view number);

// "0413 052 898" -> "413052898", with which +61413052898 ends; "052898" -> "52898". Empty for a
// whole number, and for what has less than six digits.
std::string last_digits_of(std::string_view number);

// "CA" and 32 hex digits.
bool is_call_sid(std::string_view text);
// "CA", four hex digits or more, and not all of them.
bool begins_call_sid(std::string_view text);
// "AC" and 32 hex digits.
bool is_account_sid(std::string_view text);

}  // namespace wrapup
