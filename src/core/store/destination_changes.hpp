#pragma once

// What the settings of today change of the destinations that the store knows.

#include <span>
#include <string>
#include <vector>

#include "domain/operations.hpp"

namespace wrapup {

// A destination that `configured` does not name any more is removed, so that nothing waits for what
// nobody sends (P4); one that is back is active again. `known`: with a row of its own; `waiting`:
// with deliveries that are not accepted. What a person or the destination itself said stays.
std::vector<SetDestination> destination_changes(std::span<const std::string> configured,
                                                std::span<const DestinationRow> known,
                                                std::span<const std::string> waiting, UtcTime at);

}  // namespace wrapup
