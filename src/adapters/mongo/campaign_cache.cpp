#include "adapters/mongo/campaign_cache.hpp"

namespace wrapup::mongo {

std::optional<CampaignCache::Entry> CampaignCache::find(const std::string& key, UtcTime now) const {
    const auto found = held_.find(key);
    if (found == held_.end()) return std::nullopt;
    const Held& held = found->second;
    const milliseconds age_max = held.entry.campaign ? limits_.age_max : limits_.absence_age_max;
    // A clock that was set back makes an entry look young for ever; it is read again instead.
    if (now < held.read_at || now - held.read_at >= age_max) return std::nullopt;
    return held.entry;
}

void CampaignCache::put(const std::string& key, Entry entry, UtcTime now) {
    const auto [place, is_new] = held_.insert_or_assign(key, Held{std::move(entry), now});
    if (!is_new) return;
    keys_.push_back(place->first);
    if (keys_.size() <= limits_.entries_max) return;
    held_.erase(keys_.front());
    keys_.pop_front();
}

}  // namespace wrapup::mongo
