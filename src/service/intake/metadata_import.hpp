#pragma once

// Metadata in bulk: what an import wants to be known, compared with what is known already.

#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/metadata.hpp"
#include "ports/store_queries.hpp"

namespace wrapup {

struct ImportedCall {
    std::string call_id;  // CallSid, or conversation id.
    CallMetadata metadata;

    bool operator==(const ImportedCall&) const = default;
};
// Fields that are empty say nothing: what is known of them stays.
using ImportItem = std::variant<ImportedCall, Campaign, Contact, DoNotCall>;

// What has to be written so that all items are known. Items that change nothing make no operation;
// several items of one call (campaign, contact) make one. The operations do not depend on each
// other's order.
struct ImportPlan {
    std::vector<StoreOp> ops;
    std::size_t changed_count = 0;  // Items.
    std::size_t unchanged_count = 0;
};

// Reads only, and may block. What is written meanwhile by somebody else is not seen. Fails as the
// store's reads do, and then nothing is planned: an import repeats the whole batch.
Result<ImportPlan> plan_import(StoreQueries& store, std::span<const ImportItem> items, UtcTime now);

}  // namespace wrapup
