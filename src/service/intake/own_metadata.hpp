#pragma once

#include "ports/metadata.hpp"
#include "ports/store_queries.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// Metadata that was handed to wrapup: API, import. Kept in the Store; never worth asking twice.
// A store that cannot be read is `away`.
class OwnMetadata final : public Metadata {
public:
    OwnMetadata(MetadataQueries& store, BlockingPool& reads) : store_(store), reads_(reads) {}
    Task<std::vector<MetadataAnswer>> find(std::vector<MetadataQuery> queries) override;

private:
    MetadataQueries& store_;
    BlockingPool& reads_;
};

// The dialler's own database first; what it leaves empty comes from the second source, without
// whose answer there is none: a name that was handed to wrapup is not left out because it could not
// be read at that moment.
class MetadataChain final : public Metadata {
public:
    MetadataChain(Metadata& first, Metadata& second) : first_(first), second_(second) {}
    Task<std::vector<MetadataAnswer>> find(std::vector<MetadataQuery> queries) override;

private:
    Metadata& first_;
    Metadata& second_;
};

}  // namespace wrapup
