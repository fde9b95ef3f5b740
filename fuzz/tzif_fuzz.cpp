// Invariant: any bytes are a time zone or are refused; in a zone, days follow each other without
// gap and overlap, and what lies in a day's span has that date.

#include "codec/bytes/tzif.hpp"

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto zone = parse_tzif("Fuzz", input_of(data, size));
    if (!zone) return 0;
    for (const std::int64_t at_s : {0, 951'782'400, 1'772'366'400, 2'100'000'000}) {
        const UtcTime time = from_unix_s(at_s);
        const Date date = zone->date_at(time);
        const TimeSpan span = zone->span_of(date);
        WRAPUP_ASSERT(span.contains(time));
        WRAPUP_ASSERT(zone->span_of(next_date(date)).from == span.until);
    }
    return 0;
}
