// Invariant: what parse_form accepts is rendered and parsed again to the same fields.

#include "codec/bytes/form.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto form = parse_form(input_of(data, size));
    if (!form) return 0;
    // A field without a name and a value is written as "=", which is read as that field again.
    WRAPUP_ASSERT(parse_form(render_form(*form)) == *form);
    return 0;
}
