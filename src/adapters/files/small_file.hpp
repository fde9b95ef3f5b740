#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace wrapup {

// The text of a file, at most 1 MiB. not_found; unavailable when it cannot be read.
Result<std::string> read_small_file(const std::filesystem::path& path);

}  // namespace wrapup
