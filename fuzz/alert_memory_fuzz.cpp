// Invariant: what was decoded of kept alerts and of the usual rhythm is encoded and decoded again
// to the same.

#include "fuzz/fuzz.hpp"
#include "service/alerts/alert_memory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view input = input_of(data, size);
    const std::string alerts = encode_alerts(decode_alerts(input));
    WRAPUP_ASSERT(encode_alerts(decode_alerts(alerts)) == alerts);
    const EventRhythm rhythm = decode_rhythm(input);
    const std::string kept = encode_rhythm(rhythm.kept());
    WRAPUP_ASSERT(encode_rhythm(decode_rhythm(kept).kept()) == kept);
    return 0;
}
