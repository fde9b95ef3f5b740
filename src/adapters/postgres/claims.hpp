#pragma once

// What a transaction claimed whose commit got no answer: it may have been done, or be done yet, and
// nobody was told to work on it. It is given back, so that it neither waits for its lease to run
// out nor counts as sent.

#include <cstdint>
#include <map>

#include "adapters/postgres/handle.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::postgres {

// The fences of calls, by their number, and of deliveries, by their id.
struct Claims {
    std::map<std::int64_t, std::int64_t> calls;
    std::map<std::int64_t, std::int64_t> deliveries;

    bool empty() const { return calls.empty() && deliveries.empty(); }
    // What the operations of a batch claimed.
    void add(const WorkingSet& rows);
    void add(const Claims& others);
    void remove(const Claims& others);
};

// Gives back those of them that are there and held by these very fences. What another transaction
// works on right now is left alone. Returns those that were there: of them nothing is left to do.
Claims give_back(Connection& connection, const Claims& claims, UtcTime now);

}  // namespace wrapup::postgres
