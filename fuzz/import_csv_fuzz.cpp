// Invariant: a reader ends, moves on with every record, counts lines as they are, and a reader
// that begins between two records reads on alike.

#include <algorithm>

#include "fuzz/fuzz.hpp"
#include "import/import_csv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view text = input_of(data, size);
    const char guessed = guess_separator(text);
    WRAPUP_ASSERT(guessed == ',' || guessed == ';' || guessed == '\t');
    CsvReader reader(text, guessed);
    TextPosition before = reader.position();
    const std::size_t records_max = size + 1;
    std::size_t count = 0;
    for (; auto record = reader.next(); ++count) {
        WRAPUP_ASSERT(count <= records_max);
        WRAPUP_ASSERT(reader.position().offset > before.offset && reader.position().offset <= size);
        WRAPUP_ASSERT(record->line >= before.line && reader.position().line >= record->line);
        WRAPUP_ASSERT(record->problem.empty() != record->cells.empty());
        const auto again = CsvReader(text, guessed, before).next();
        WRAPUP_ASSERT(again && again->cells == record->cells && again->line == record->line &&
                      again->problem == record->problem);
        before = reader.position();
    }
    return 0;
}
