// Invariant: whatever a CRM answers, its cause is short, valid UTF-8 and without a digit, and the
// same answer has the same fingerprint.

#include "domain/failure.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    Attempt attempt;
    attempt.answer = input_of(data, size);
    const std::string cause = cause_of(attempt);
    WRAPUP_ASSERT(cause.size() <= 160);
    WRAPUP_ASSERT(to_valid_utf8(cause) == cause);
    WRAPUP_ASSERT(std::ranges::none_of(cause, [](char c) { return c >= '0' && c <= '9'; }));
    const std::string fingerprint = fingerprint_of("crm", attempt);
    WRAPUP_ASSERT(fingerprint.size() == 16 && fingerprint == fingerprint_of("crm", attempt));
    return 0;
}
