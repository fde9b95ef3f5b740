#pragma once

// Changes a .env file and leaves alone what is not ours in it.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

using EnvValues = std::vector<std::pair<std::string, std::string>>;

// `text` with these values: each where the name had its last one, else at the end. What has its
// value already stays byte for byte, as does all that is not a value: other lines, `export`,
// comments, line ends. parse_env_file() reads the same values again.
std::string with_env_values(std::string_view text, const EnvValues& values);

// Writes the whole file or none of it. A new one is its owner's alone; one that is there keeps its
// owner, and its group where that may read it and others may not. In a service's folder the
// service, which has the group, reads on.
Result<void> write_private_file(const std::filesystem::path& path, std::string_view text);

}  // namespace wrapup
