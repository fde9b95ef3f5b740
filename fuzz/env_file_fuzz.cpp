// Invariant: names of variables with rising line numbers, or a line that is named and not quoted.

#include "app/env_file.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto entries = parse_env_file(input_of(data, size));
    if (!entries) {
        WRAPUP_ASSERT(entries.error().code == Errc::invalid_input);
        WRAPUP_ASSERT(entries.error().detail.starts_with(".env line ") &&
                      entries.error().detail.size() < 200);
        return 0;
    }
    int line = 0;
    for (const EnvEntry& entry : *entries) {
        WRAPUP_ASSERT(entry.line > line && !entry.name.empty());
        WRAPUP_ASSERT(entry.name.find_first_of("= \t\n#'\"") == std::string::npos);
        line = entry.line;
    }
    return 0;
}
