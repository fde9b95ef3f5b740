#pragma once

// How text looks on a terminal, and in a pipe.

#include <string>
#include <string_view>
#include <vector>

namespace wrapup {

enum class Paint { bold, dim, green, yellow, red };

// `text` in that colour, or as it is.
std::string painted(std::string_view text, Paint paint, bool has_colour);

// What came from outside, fit for a terminal and for one line: broken UTF-8 becomes U+FFFD, and
// characters that move the cursor or turn the text around (controls, C1, bidi, line separators)
// become visible: \n, \u001b, \u202e.
std::string terminal_text(std::string_view text);
// JSON with the same characters escaped: an equal document. Where a value can hold none raw, in C0,
// it stays as it is.
std::string terminal_json(std::string_view json);
// terminal_text() of the beginning; a cut is marked.
std::string terminal_excerpt(std::string_view text, std::size_t bytes_max);

// Code points, as an estimate of the columns they take.
std::size_t column_count(std::string_view text);
std::string padded(std::string_view text, std::size_t columns);

// Columns two blanks apart, each as wide as its widest cell; the last one is not padded. Where that
// is wider than `columns_max`, the last columns stand below the first ones; 0: as wide as it is.
std::string render_table(const std::vector<std::vector<std::string>>& rows,
                         std::size_t columns_max = 0);

// `text` broken at blanks into lines of at most `columns`, each after the first indented. A command
// of ours that it names (`wrapup show SID`) stays whole, so that it can be copied.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent);

}  // namespace wrapup
