#include "service/settle_case.hpp"

#include "codec/observation.hpp"
#include "core/settle_plan.hpp"

namespace wrapup {

SettleCase::SettleCase(ClaimedCall call, UtcTime now) : claim(std::move(call)) {
    progress = claim.call.progress;
    bring_in(progress, now);
    if (claim.call.metadata) metadata = *claim.call.metadata;
    for (const StoredEvent& event : claim.events) {
        // What cannot be understood again says nothing; it stays visible in the call's story.
        auto said = decode_observation(event.kind, event.payload);
        if (said) observed.push_back({event.kind, event.received_at, *std::move(said)});
    }
}

}  // namespace wrapup
