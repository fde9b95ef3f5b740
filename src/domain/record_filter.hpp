#pragma once

#include <string>
#include <vector>

#include "domain/metadata.hpp"
#include "domain/outcome.hpp"

namespace wrapup {

// What a destination wants; an empty list: any.
struct RecordFilter {
    std::vector<Outcome> outcomes;
    std::vector<std::string> campaigns;  // By name or id.

    bool operator==(const RecordFilter&) const = default;
};
bool wants(const RecordFilter& filter, Outcome outcome, const CallMetadata& metadata);

}  // namespace wrapup
