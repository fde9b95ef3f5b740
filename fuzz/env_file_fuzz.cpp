// Invariant: names of variables with rising line numbers; what is left out is named by its line and
// never quoted; a line that is appended is read whatever stands before it, unless a quote is open.

#include "app/config/env_file.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string text(input_of(data, size));
    const EnvFile file = parse_env_file(text);
    int line = 0;
    for (const EnvEntry& entry : file.entries) {
        WRAPUP_ASSERT(entry.line > line && is_env_name(entry.name));
        line = entry.line;
    }
    line = 0;
    for (const EnvFault& fault : file.faults) {
        WRAPUP_ASSERT(fault.line > line && fault.text.starts_with(".env"));
        WRAPUP_ASSERT(fault.text.size() < 200);
        WRAPUP_ASSERT(fault.name.empty() || fault.name == ".env" || is_env_name(fault.name));
        line = fault.line;
    }
    const bool has_quote = text.find_first_of("\"'`") != std::string::npos;
    const bool is_utf_16 = !file.faults.empty() && file.faults.front().name == ".env";
    if (has_quote || is_utf_16) return 0;
    const EnvFile longer = parse_env_file(text + "\nLAST=1");
    WRAPUP_ASSERT(longer.entries.size() == file.entries.size() + 1);
    WRAPUP_ASSERT(longer.entries.back().name == "LAST" && longer.faults == file.faults);
    return 0;
}
