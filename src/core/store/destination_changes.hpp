#pragma once

// What the settings of today change of the destinations that the store knows.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "domain/operations.hpp"
#include "domain/setting_digests.hpp"

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

// What changes while nodes run: a destination that no living one of them sends to any more is
// removed as well, after a grace in which a node is restarted. One that was removed, and to which
// one sends, is active: it was started at that very moment.
class MissedDestinations {
public:
    static constexpr seconds grace{30};

    // `sent_to`: by all living nodes together. What was not done is told again after the grace.
    std::vector<SetDestination> changes(const SentTo& sent_to,
                                        std::span<const DestinationRow> known, UtcTime now);
    // Nobody looks for now, or it is not known where a node sends to.
    void forget() { since_.clear(); }

private:
    std::map<std::string, UtcTime, std::less<>> since_;
};

}  // namespace wrapup
