// Invariant: any query and any body gives a value within its bounds, or the name of a field.

#include "codec/bytes/percent.hpp"
#include "domain/call_id.hpp"
#include "fuzz/fuzz.hpp"
#include "http/api/api_input.hpp"
#include "http/api/reconciliation_input.hpp"
#include "http/api/replay_input.hpp"
#include "http/webhooks/json_check.hpp"

namespace {

using namespace wrapup;

template <class T>
const T* value_of(const Parsed<T>& parsed) {
    if (const auto* bad = std::get_if<BadInput>(&parsed)) WRAPUP_ASSERT(!bad->detail.empty());
    return std::get_if<T>(&parsed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = input_of(data, size);
    const auto filter = parse_call_filter(input);
    if (const auto* calls = value_of(filter)) WRAPUP_ASSERT(calls->limit > 0);
    const auto list = parse_list_query(input);
    if (const auto* query = value_of(list)) {
        WRAPUP_ASSERT(query->limit > 0);
        const auto again = parse_list_query("cursor=" + list_cursor(query->after));
        WRAPUP_ASSERT(std::get<ListQuery>(again).after == query->after);
    }
    const auto sent = parse_send_request(input);
    if (const auto* asked = value_of(sent)) WRAPUP_ASSERT(is_plausible_call_id(asked->any_id));
    const auto metadata = parse_metadata(input);
    if (const auto* known = value_of(metadata)) WRAPUP_ASSERT(*known != CallMetadata{});
    const auto campaign = parse_campaign(input);
    if (const auto* one = value_of(campaign)) WRAPUP_ASSERT(!one->id.empty());
    const auto contact = parse_contact(input);
    if (const auto* one = value_of(contact)) WRAPUP_ASSERT(!one->phone.empty());
    if (value_of(metadata) != nullptr) WRAPUP_ASSERT(is_json(input));
    const UtcTime now = from_unix_s(1'764'000'000);
    const auto order = parse_reconcile_order(input, {}, now);
    if (const auto* run = value_of(order)) {
        WRAPUP_ASSERT(run->from < run->until && run->from < now);
    }
    const auto replay = parse_replay_request(input);
    if (const auto* one = value_of(replay)) {
        WRAPUP_ASSERT(one->is_preview || !one->token.empty());
    }
    const auto decoded = percent_decode(input);
    if (decoded) WRAPUP_ASSERT(decoded->size() <= input.size());
    (void)is_json_content_type(input);
    return 0;
}
