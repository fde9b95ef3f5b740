#pragma once

// What we take as JSON of others, in one place for the parser, the check and the scanner.
// Python's json writes NaN and Infinity, Windows' programs a byte order mark; both are taken.

#include <cstddef>
#include <string>
#include <string_view>

namespace wrapup {

// Arrays and objects inside of each other.
constexpr std::size_t json_depth_max = 200;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string_view without_byte_order_mark(std::string_view text);

// Replaces what strict parsers refuse and no reader needs: bytes that are not UTF-8 and halves of
// surrogate pairs become U+FFFD; NaN, Infinity and -Infinity become null. Equal to the text when
// there is nothing of it.
std::string mend_json(std::string_view text);

}  // namespace wrapup
