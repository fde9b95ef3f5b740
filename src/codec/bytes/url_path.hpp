#pragma once

// Paths as senders and proxies write them: a slash too many is no other place.

#include <string>
#include <string_view>

namespace wrapup {

// Of an absolute URL, without query: "https://example.com/voice" gives "/voice"; else empty.
std::string_view path_of_url(std::string_view url);

// Each run of slashes made one, and none at the end: "//voice//x/" is "/voice/x", "/" is empty.
std::string tidy_path(std::string_view path);

// Whether a tidy path lies below a tidy prefix that is not empty: "/voice/x" below "/voice".
bool is_below(std::string_view path, std::string_view prefix);

}  // namespace wrapup
