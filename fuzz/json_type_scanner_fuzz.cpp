// Invariant: the scanner finds the same type whether it is fed whole or byte by byte.

#include "codec/json_type_scanner.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view json = input_of(data, size);
    JsonTypeScanner whole;
    whole.feed(json);
    JsonTypeScanner pieces;
    for (const char& byte : json) pieces.feed(std::string_view(&byte, 1));
    WRAPUP_ASSERT(whole.type() == pieces.type());
    WRAPUP_ASSERT(!whole.type() || whole.type()->size() <= 256);
    return 0;
}
