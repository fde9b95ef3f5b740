// Invariant: where the network cuts a webhook makes no difference to whether it is kept, and never
// is more kept than allowed.

#include <algorithm>

#include "fuzz/fuzz.hpp"
#include "http/webhooks/webhook_collector.hpp"

namespace {

using namespace wrapup;
using Need = WebhookCollector::Need;

constexpr std::size_t kept_bytes_max = 256;

WebhookCollector collect(std::string_view bytes, std::size_t piece_bytes) {
    WebhookCollector collector(kept_bytes_max);
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, piece_bytes);
        bytes.remove_prefix(piece.size());
        const Need need = collector.look_at(piece);
        if (need == Need::too_much) break;
        if (need == Need::memory) collector.keep(piece);
        WRAPUP_ASSERT(collector.body().size() <= kept_bytes_max);
    }
    return collector;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = input_of(data, size);
    const WebhookCollector whole = collect(bytes, bytes.size() + 1);
    if (!whole.is_oversize() && !whole.is_ignored()) WRAPUP_ASSERT(whole.body() == bytes);
    for (const std::size_t piece_bytes : {1U, 13U}) {
        const WebhookCollector cut = collect(bytes, piece_bytes);
        WRAPUP_ASSERT(cut.is_ignored() == whole.is_ignored());
        WRAPUP_ASSERT(cut.body() == whole.body());
    }
    return 0;
}
