#pragma once

// By how much a batch changes the groups of failures (domain/failure.hpp). A delivery is in the
// group that its fingerprint names, or in none.

#include <map>
#include <optional>
#include <string>

#include "core/store/working_set.hpp"
#include "domain/failure.hpp"

namespace wrapup {

struct FailureChange {
    std::int64_t by = 0;
    // What the group is, and since when and until when this batch saw it; when it did.
    std::optional<FailureGroup> seen;
};
using FailureChanges = std::map<std::string, FailureChange, std::less<>>;

FailureChanges failure_changes(const WorkingSet& rows);

// Keeps a delivery's fingerprint what it is defined as, once its state is. `ended`: an attempt that
// ended just now, or null.
void name_failure(Delivery& delivery, const Attempt* ended);

}  // namespace wrapup
