// Invariant: what was decoded is encoded and decoded again to the same state, and so are the
// columns of a closed day.

#include "codec/ledger_json.hpp"
#include "codec/state_json.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view json = input_of(data, size);
    if (const auto progress = decode_progress(json)) {
        WRAPUP_ASSERT(decode_progress(encode_progress(*progress)) == *progress);
    }
    if (const auto metadata = decode_metadata(json)) {
        WRAPUP_ASSERT(decode_metadata(encode_metadata(*metadata)) == *metadata);
    }
    if (const auto columns = parse_ledger_content(json)) {
        LedgerDay day;
        day.date = *parse_date("2026-03-01");
        constexpr std::int64_t many = 1'000'000'000;  // Sums of them fit.
        day.accepted = columns->accepted % many;
        day.in_flight = columns->in_flight % many;
        day.out_of_scope = columns->out_of_scope % many;
        if (columns->has_twilio) day.twilio.emplace();
        for (const auto& [reason, count] : columns->parked) day.parked[reason] = count % many;
        const auto again = parse_ledger_content(ledger_content(day));
        WRAPUP_ASSERT(again && again->parked == day.parked);
        WRAPUP_ASSERT(again->accepted == day.accepted && again->in_flight == day.in_flight);
    }
    return 0;
}
