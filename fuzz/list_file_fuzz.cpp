// Invariant: whatever file somebody calls, its lines become calls that the API understands or
// refuses with a reason, in their order, or are named as bad.

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/cli/list_file.hpp"
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "http/api/placing_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto file = read_list_file(input_of(data, size));
    if (!file) {
        WRAPUP_ASSERT(!file.error().detail.empty());
        return 0;
    }
    WRAPUP_ASSERT(!file->rows.empty() || !file->bad.empty());
    std::size_t line = 0;
    for (const ListFile::Row& row : file->rows) {
        WRAPUP_ASSERT(row.line >= line);
        line = row.line;
        const std::string text = boost::json::serialize(row.call);
        WRAPUP_ASSERT(to_valid_utf8(text) == text);
        const boost::json::value call(row.call);
        const auto parsed = parse_list_row(call);
        if (const auto* bad = std::get_if<BadInput>(&parsed)) WRAPUP_ASSERT(!bad->detail.empty());
    }
    for (const auto& [bad_line, why] : file->bad) WRAPUP_ASSERT(bad_line > 0 && !why.empty());
    return 0;
}
