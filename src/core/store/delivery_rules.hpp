#pragma once

// Deliveries, and the state of a call that follows from them.

#include "core/store/working_set.hpp"

namespace wrapup {

// A delivery of a record that is being fixed: born parked when it says so or its destination is
// lost, else due at once, or claimed when it asks for that and its destination is
// active.
WorkingDelivery& make_delivery(WorkingSet& rows, WorkingCall& call, const NewDelivery& made,
                               UtcTime now);

// Nothing goes there by itself any more: gone, removed or disabled.
bool is_lost(DestinationState destination);
// Pending and due then; parked when the destination is lost.
void make_pending(Delivery& delivery, UtcTime due_at, DestinationState destination);

// Its attempts stay where they were made.
void move_to(WorkingDelivery& row, const std::string& destination);
// It is owed no more, and the call's state follows.
void give_up(WorkingDelivery& row);

// What the holder of a new delivery's claim gets.
ClaimedDelivery claim_of(const WorkingDelivery& row);

// Parked when one delivery is parked, else delivering when one is pending, else delivered; what was
// given up does not count, unless all was: parked as that. Nothing changes for a call without
// deliveries.
void keep_state_in_step(WorkingCall& call);

}  // namespace wrapup
