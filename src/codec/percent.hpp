#pragma once

#include <string>
#include <string_view>

namespace wrapup {

// Percent-encoding for a path segment or a query value: everything but letters, digits and "-._~".
std::string percent_encode(std::string_view text);

}  // namespace wrapup
