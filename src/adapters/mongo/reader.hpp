#pragma once

// Answers a batch of queries with at most four reads, whatever its size: calls by CallSid, calls by
// conversation, campaigns not in the cache, contacts. Blocks; MongoMetadata keeps it off the event
// loop.

#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "adapters/mongo/campaign_cache.hpp"
#include "adapters/mongo/connection.hpp"
#include "adapters/mongo/mapping.hpp"
#include "ports/metadata.hpp"

namespace wrapup::mongo {

struct Reading {
    std::vector<MetadataAnswer> answers;  // One per query.
    // The first read that failed. The answers are `away` then, with what the reads before it gave.
    std::optional<Error> failure;
};

// What a dialler writes with a call; no contact and no words of the campaign.
CallMetadata call_of(const bson_t& document, const MongoMapping::Calls& names);
// The fields it needs, and `_id`.
std::vector<std::string> call_paths(const MongoMapping::Calls& names);

class Reader {
public:
    Reader(const MongoSettings& settings, MongoMapping mapping, CampaignCache::Limits cache);

    milliseconds lookup_max() const { return connection_.lookup_max(); }

    // From several threads at once.
    Reading read(std::span<const MetadataQuery> queries, UtcTime now);

private:
    struct Batch;
    struct Wanted;
    struct Found {
        std::string order_key;
        CallMetadata metadata;
    };
    struct FoundCampaign {
        std::string order_key;
        Campaign campaign;
    };

    struct FoundContact {
        std::string order_key;
        std::string name;
        std::string time_zone;
    };

    Result<void> read_connected(Batch& batch);
    Result<void> read_all(Batch& batch);
    Result<void> read_calls(Batch& batch, const std::string& field, std::vector<Wanted> wanted,
                            std::unordered_map<std::string, Found>& found);
    Result<void> read_campaigns(Batch& batch);
    Result<void> read_contacts(Batch& batch);
    Result<void> scan_contacts(const Batch& batch, const std::vector<Wanted>& wanted,
                               std::unordered_map<std::string, FoundContact>& found);
    Result<void> scan_wanted(const Batch& batch, Scan scan, const std::string& field,
                             const std::vector<Wanted>& wanted, const Visit& visit);
    Result<std::size_t> scan_once(const Batch& batch, Scan scan, const std::string& field,
                                  std::span<const Wanted> wanted, const Visit& visit);
    std::vector<Wanted> campaigns_to_read(Batch& batch);

    MongoMapping mapping_;
    Connection connection_;
    std::mutex cache_mutex_;
    CampaignCache cache_;
};

}  // namespace wrapup::mongo
