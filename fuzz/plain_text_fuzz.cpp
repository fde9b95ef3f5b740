// Invariant: whatever the bytes, the text is valid UTF-8 without control characters but '\n' and
// '\t', and making it plain again changes nothing; what is a value is one again.

#include "domain/plain_text.hpp"

#include <string>

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"

namespace wrapup {
namespace {

bool has_controls(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 && text[i] != '\n' && text[i] != '\t') return true;
        if (byte == 0x7F) return true;
        const bool is_c1 =
            byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (is_c1) return true;
    }
    return false;
}

}  // namespace
}  // namespace wrapup

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string plain = plain_text(input_of(data, size));
    WRAPUP_ASSERT(to_valid_utf8(plain) == plain);
    WRAPUP_ASSERT(!has_controls(plain));
    WRAPUP_ASSERT(plain_text(plain) == plain);
    const std::string value = value_or_empty(input_of(data, size));
    WRAPUP_ASSERT(value.empty() || !is_placeholder(value));
    WRAPUP_ASSERT(value_or_empty(value) == value);
    return 0;
}
