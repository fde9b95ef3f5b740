#include "domain/record_filter.hpp"

#include <algorithm>

namespace wrapup {
namespace {

bool holds(const std::vector<std::string>& campaigns, const std::string& campaign) {
    return !campaign.empty() && std::ranges::find(campaigns, campaign) != campaigns.end();
}

}  // namespace

bool wants(const RecordFilter& filter, Outcome outcome, const CallMetadata& metadata) {
    const auto& outcomes = filter.outcomes;
    if (!outcomes.empty() && std::ranges::find(outcomes, outcome) == outcomes.end()) return false;
    return filter.campaigns.empty() || holds(filter.campaigns, metadata.campaign_name) ||
           holds(filter.campaigns, metadata.campaign_id);
}

}  // namespace wrapup
