#pragma once

// The promises, checked against the truth after a run.

#include <string>
#include <vector>

#include "ports/store_queries.hpp"
#include "sim/memory_store.hpp"
#include "sim/peers.hpp"
#include "sim/simulate.hpp"

namespace wrapup {

// An event whose sender was told that it is stored.
struct Receipt {
    std::string call_id;
    std::string payload;
};

bool has_ended(CallState state);
// Whether every call that is over is delivered or parked.
bool are_all_ended(MemoryStore& store);
// Whether every call that Twilio lists is known, and delivered or parked.
bool are_all_known(const Truth& truth, MemoryStore& store);
// Names those that are not.
void add_unfinished(StoreQueries& store, std::vector<std::string>& violations);

void check_promises(const Truth& truth, StoreQueries& store, const SimCrm& crm,
                    const std::vector<Receipt>& receipts, SimReport& report);

}  // namespace wrapup
