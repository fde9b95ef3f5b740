#pragma once

// Looks on as processes claim deliveries from the store that they share: while a destination's
// breaker is not closed there is one probe at a time and nothing else, and no window of time has
// more attempts than the destination's rate, whoever makes them.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ports/store.hpp"
#include "sim/peers.hpp"
#include "sim/truth.hpp"

namespace wrapup {

class ClaimWatch {
public:
    // What it finds it adds to the violations that `crm` has seen.
    ClaimWatch(const Faults& faults, StoreQueries& store, SimCrm& crm)
        : faults_(faults), store_(store), crm_(crm), violations_(crm.violations) {}

    // Before a claim of `destination`, and what came of it.
    void before(std::string_view destination) { was_ = breaker_of(destination); }
    void claimed(std::string_view destination, UtcTime now, const ClaimedDeliveries& all);
    // What was made with its first attempt: with a person's nothing holds it back.
    void made(const std::vector<ClaimedDelivery>& claimed);

private:
    BreakerRow breaker_of(std::string_view destination);

    const Faults& faults_;
    StoreQueries& store_;
    const SimCrm& crm_;
    std::vector<std::string>& violations_;
    BreakerRow was_;
    std::map<std::string, std::multiset<UtcTime>, std::less<>> begun_;  // By destination.
};

}  // namespace wrapup
