// Invariant: times and durations that are understood are written and understood again as the same;
// texts are made valid UTF-8 once and for all; Retry-After is between zero and a day.

#include "base/retry_after.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "codec/standard_webhooks.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view text = input_of(data, size);
    for (const auto& time : {parse_rfc3339(text), parse_rfc2822(text)}) {
        // An offset can carry a time out of the years that four digits can write.
        const bool is_in_year_range =
            time && *time >= from_unix_s(0) && *time < from_unix_s(253402300800);
        WRAPUP_ASSERT(!is_in_year_range || parse_rfc3339(format_rfc3339(*time)) == time);
    }
    if (const auto duration = parse_duration(text)) {
        WRAPUP_ASSERT(*duration >= milliseconds::zero());
        WRAPUP_ASSERT(parse_duration(format_duration(*duration)) == duration);
    }
    if (const auto wait = parse_retry_after(text, from_unix_s(1762713911))) {
        WRAPUP_ASSERT(*wait >= seconds::zero() && *wait <= std::chrono::hours{24});
    }
    if (const auto number = parse_int(text)) {
        WRAPUP_ASSERT(parse_int(std::to_string(*number)) == number);
    }
    const std::string valid = to_valid_utf8(text);
    WRAPUP_ASSERT(to_valid_utf8(valid) == valid);
    WRAPUP_ASSERT(truncate_utf8(text, 20).size() <= 20);
    WRAPUP_ASSERT(to_valid_utf8(truncate_utf8(valid, 20)) == truncate_utf8(valid, 20));
    (void)split_list(text);
    (void)parse_webhook_secret(text);
    return 0;
}
