#pragma once

// What the settings of today change of the destinations that the store knows.

#include <span>
#include <string>
#include <vector>

#include "domain/operations.hpp"

namespace wrapup {

struct ConfiguredDestination {
    std::string name;
    bool is_enabled = true;
};

// A destination that `configured` does not name any more is removed, and one that it switches off
// is disabled, so that nothing waits for what nobody sends (P4); one that is back is active again,
// and one that is new is noted, so that it can be missed later, whether something waits or not.
// `known`: with a row of its own; `waiting`: with deliveries that are not accepted. What a person
// or the destination itself said stays, but that a pause ends where it is disabled.
std::vector<SetDestination> destination_changes(std::span<const ConfiguredDestination> configured,
                                                std::span<const DestinationRow> known,
                                                std::span<const std::string> waiting, UtcTime at);

}  // namespace wrapup
