#pragma once

// Bytes as hexadecimal digits and back.

#include <optional>
#include <string>
#include <string_view>

namespace wrapup {

// The value of one digit, upper or lower case; -1 when it is none.
int hex_digit(char c);

// The two lower-case digits of each byte.
void append_hex(std::string& out, unsigned char byte);
std::string to_hex(std::string_view bytes);

// Digits of either case; nothing when one is none, or when half a byte is left.
std::optional<std::string> from_hex(std::string_view digits);

}  // namespace wrapup
