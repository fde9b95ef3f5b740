#pragma once

// Who paused a destination and why, from the operators' log.

#include <map>
#include <string>
#include <vector>

#include "ports/store_queries.hpp"

namespace wrapup {

struct DestinationPause {
    std::string who;     // By which way: dashboard, command line or api.
    std::string reason;  // In the person's words; may be empty.
};
using DestinationPauses = std::map<std::string, DestinationPause, std::less<>>;

// Of those among `rows` that are paused, as far as the newest actions tell. May block.
DestinationPauses find_pauses(StoreQueries& store, const std::vector<DestinationRow>& rows);

}  // namespace wrapup
