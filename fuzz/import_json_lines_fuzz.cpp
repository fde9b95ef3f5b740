// Invariant: one answer per line that is not blank, with its number; members only of good lines.

#include <algorithm>

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "import/import_json_lines.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view text = input_of(data, size);
    JsonLinesReader reader(text);
    std::string_view rest = text;
    std::size_t number = 0;
    while (!rest.empty()) {
        number += 1;
        if (trim(take_line(rest)).empty()) continue;
        const auto line = reader.next();
        WRAPUP_ASSERT(line && line->line == number);
        WRAPUP_ASSERT(line->problem.empty() || line->members.empty());
        for (const auto& [name, value] : line->members) {
            WRAPUP_ASSERT(to_valid_utf8(name) == name && to_valid_utf8(value) == value);
        }
    }
    WRAPUP_ASSERT(!reader.next());
    return 0;
}
