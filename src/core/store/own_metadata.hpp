#pragma once

// Metadata that was handed to us (PutMetadata, PutCampaign, PutContact), put together.

#include <optional>
#include <string_view>

#include "domain/metadata.hpp"

namespace wrapup {

// The rows that it is put together from. Nothing where there is none.
class MetadataRows {
public:
    virtual ~MetadataRows() = default;
    virtual std::optional<CallMetadata> load_handed_over(std::string_view call_id) = 0;
    virtual std::optional<Campaign> load_campaign(std::string_view id) = 0;
    virtual std::optional<Contact> load_contact(std::string_view phone) = 0;  // Normalized.
};

// What was handed over for the call, with its campaign (by id) and the contact of `to` (of the
// metadata, else of the key) filled in, and the contact's campaign where the call has none. Empty
// (default) when nothing at all is known.
CallMetadata own_metadata(MetadataRows& rows, const MetadataKey& key);

}  // namespace wrapup
