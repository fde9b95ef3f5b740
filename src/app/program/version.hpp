#pragma once

#include <string_view>

namespace wrapup {

// "0.1.0": the version of CMake's project().
std::string_view version();

}  // namespace wrapup
