#include "service/settler/settle_case.hpp"

#include "codec/observation.hpp"
#include "core/settle_plan.hpp"

namespace wrapup {

SettleCase::SettleCase(ClaimedCall call, UtcTime now) : claim(std::move(call)) {
    progress = claim.call.progress;
    bring_in(progress, now);
    if (claim.call.metadata) metadata = *claim.call.metadata;
    observed = decode_events(claim.events);
}

}  // namespace wrapup
