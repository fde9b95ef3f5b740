#pragma once

#include "core/store/working_set.hpp"

namespace wrapup {

// Counts for their jobs what has ended of the deliveries that they released: at the end of a batch,
// whatever ended them. A job of which nothing is left is done.
void end_replays(WorkingSet& rows, UtcTime now);

}  // namespace wrapup
