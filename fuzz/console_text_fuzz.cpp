// What came from outside reaches a terminal on one line, as well-formed UTF-8, and without anything
// that moves the cursor or turns the text around; what is fit is left alone.

#include "base/console_text.hpp"
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view input = input_of(data, size);
    const std::string shown = terminal_text(input);
    WRAPUP_ASSERT(to_valid_utf8(shown) == shown);
    WRAPUP_ASSERT(terminal_text(shown) == shown);
    for (const char byte : shown) {
        const auto code = static_cast<unsigned char>(byte);
        WRAPUP_ASSERT(code >= 0x20 && code != 0x7f);
    }
    for (const char* treacherous : {"\xc2\x85", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6"}) {
        WRAPUP_ASSERT(shown.find(treacherous) == std::string::npos);
    }
    WRAPUP_ASSERT(terminal_excerpt(input, size) == shown);
    (void)terminal_excerpt(input, size / 2);
    return 0;
}
