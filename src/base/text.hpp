#pragma once

// Small text helpers that are not locale-dependent.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wrapup {

std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);  // ASCII only.
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

// Splits at each separator, trims the pieces and leaves out empty ones: "a, b,,c" is a, b, c.
std::vector<std::string> split_list(std::string_view text, char separator = ',');

// A decimal integer and nothing else; nothing when it does not fit.
std::optional<std::int64_t> parse_int(std::string_view text);

// Replaces every byte that is not part of well-formed UTF-8 by U+FFFD, so that what a sender got
// wrong cannot make our JSON invalid.
std::string to_valid_utf8(std::string_view bytes);
// At most size_max bytes, never cutting a code point in half.
std::string truncate_utf8(std::string_view text, std::size_t size_max);

// As one word of a shell's command: in quotes where it must be.
std::string shell_word(std::string_view text);

// Equal in a time that depends on the sizes only. For signatures and tokens.
bool equals_constant_time(std::string_view a, std::string_view b);

}  // namespace wrapup
