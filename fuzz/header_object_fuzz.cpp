// Invariant: headers that can be sent as they are (no line can be smuggled in), or invalid_input.

#include "app/config/header_json.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto headers = parse_header_object(input_of(data, size));
    WRAPUP_ASSERT(headers || headers.error().code == Errc::invalid_input);
    if (!headers) return 0;
    for (const auto& [name, value] : *headers) {
        WRAPUP_ASSERT(!name.empty() && name.find_first_of(": \r\n\t") == std::string::npos);
        WRAPUP_ASSERT(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    }
    return 0;
}
