// Invariant: of any bytes ASCII without letters that holds a digit, or an address as it was given,
// or a reason. What is callable and begins with '+' is E.164.

#include "adapters/phone/spelling.hpp"
#include "base/text.hpp"
#include "domain/callable_number.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view text = input_of(data, size);
    const std::string party = callable_number(text, {});
    WRAPUP_ASSERT(!party.starts_with('+') || !is_callable(party) || party.size() <= 16);
    const auto number = plain_phone_text(text);
    if (!number) {
        WRAPUP_ASSERT(number.error().code == Errc::invalid_input);
        WRAPUP_ASSERT(number.error().detail.size() < 200);
        return 0;
    }
    if (is_voice_address(*number)) {
        WRAPUP_ASSERT(*number == trim(text));
        return 0;
    }
    WRAPUP_ASSERT(number->find_first_of("0123456789") != std::string::npos);
    WRAPUP_ASSERT(number->find_first_not_of("0123456789+-()./ *,;~[]") == std::string::npos);
    return 0;
}
