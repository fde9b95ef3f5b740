#include "service/settler/settle_case.hpp"

#include "codec/observation.hpp"

namespace wrapup {

SettleCase::SettleCase(ClaimedCall call, UtcTime now)
    : KnownCall({std::move(call.call), call.fence, {}}, decode_events(call.events), now) {}

SettleCase::SettleCase(KnownCall known) : KnownCall(std::move(known)) {}

}  // namespace wrapup
