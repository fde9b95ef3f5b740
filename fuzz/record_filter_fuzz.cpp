// Invariant: a filter of outcomes and campaigns that are not empty, or invalid_input.

#include <algorithm>

#include "app/config/filter_json.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto filter = parse_record_filter(input_of(data, size));
    WRAPUP_ASSERT(filter || filter.error().code == Errc::invalid_input);
    if (!filter) return 0;
    for (const auto& campaign : filter->campaigns) WRAPUP_ASSERT(!campaign.empty());
    CallMetadata metadata;
    if (!filter->campaigns.empty()) metadata.campaign_name = filter->campaigns.back();
    for (const Outcome outcome : filter->outcomes) WRAPUP_ASSERT(wants(*filter, outcome, metadata));
    return 0;
}
