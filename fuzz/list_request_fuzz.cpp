// Invariant: any body of a campaign's calls gives settings within their bounds, or the name of what
// is wrong; any row of it a number that can be called, or a reason that quotes no value.

#include "fuzz/fuzz.hpp"
#include "http/api/placing_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view text = input_of(data, size);
    const UtcTime now = from_unix_s(1'772'366'400);
    const auto filter = parse_list_row_filter(text);
    if (const auto* wanted = std::get_if<ListRowFilter>(&filter)) {
        WRAPUP_ASSERT(wanted->limit >= 1 && wanted->limit <= 200);
    }
    const auto parsed = parse_list_request(text, now);
    if (const auto* bad = std::get_if<BadInput>(&parsed)) WRAPUP_ASSERT(!bad->detail.empty());
    const auto* const request = std::get_if<ListRequest>(&parsed);
    if (request == nullptr) return 0;
    const DialList& list = request->put.list;
    WRAPUP_ASSERT(!request->calls.empty() && request->calls.size() <= list_rows_max);
    WRAPUP_ASSERT(!list.not_after || *list.not_after > list.not_before.value_or(now));
    for (const RetryWaits* waits : {&list.retry_busy, &list.retry_no_answer}) {
        WRAPUP_ASSERT(waits->size() <= 10 && (waits->empty() || request->put.has_retry));
        for (const seconds wait : *waits) WRAPUP_ASSERT(wait >= seconds{1});
    }
    for (const boost::json::value& call : request->calls) {
        const auto row = parse_list_row(call);
        if (const auto* bad = std::get_if<BadInput>(&row)) WRAPUP_ASSERT(!bad->detail.empty());
        const auto* const known = std::get_if<ListRow>(&row);
        if (known != nullptr) WRAPUP_ASSERT(known->to.starts_with('+'));
    }
    return 0;
}
