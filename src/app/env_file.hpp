#pragma once

// The .env file: KEY=VALUE lines, as shells and docker read them.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

struct EnvEntry {
    std::string name;
    std::string value;
    int line = 0;  // Counts from 1.

    bool operator==(const EnvEntry&) const = default;
};

// Understands blank lines, '#' comments, `export`, 'verbatim' and "escaped" values (\n \t \r \"
// \\ \$), and a comment after a value. Of a name that repeats, the last counts, as in a shell; all
// are returned. Nothing is expanded. Anything else is invalid_input; the error names the line and
// never quotes it, because it may hold a secret.
Result<std::vector<EnvEntry>> parse_env_file(std::string_view text);

}  // namespace wrapup
