#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.hpp"
#include "domain/metadata.hpp"

namespace wrapup::mongo {

// Campaigns recently read, and ids recently found to have none. Bounded in number (the longest held
// goes first) and in age: a renamed campaign shows after a minute, one that was written after its
// first call after seconds. Not for several threads at once.
class CampaignCache {
public:
    struct Limits {
        std::size_t entries_max = 1000;
        milliseconds age_max{60'000};
        milliseconds absence_age_max{5'000};
    };
    struct Entry {
        std::optional<Campaign> campaign;  // Nothing: there is no such campaign.
    };

    explicit CampaignCache(Limits limits) : limits_(limits) {}

    std::optional<Entry> find(const std::string& key, UtcTime now) const;
    void put(const std::string& key, Entry entry, UtcTime now);
    std::size_t size() const { return held_.size(); }

private:
    struct Held {
        Entry entry;
        UtcTime read_at;
    };

    Limits limits_;
    std::unordered_map<std::string, Held> held_;
    std::deque<std::string> keys_;  // In the order of their first arrival.
};

}  // namespace wrapup::mongo
