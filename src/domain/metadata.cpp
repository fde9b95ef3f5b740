#include "domain/metadata.hpp"

#include <string_view>
#include <utility>

#include "domain/plain_text.hpp"

namespace wrapup {

CallMetadata tidied(CallMetadata metadata) {
    const auto tidy = [](std::string_view, std::string& text) { text = value_or_empty(text); };
    visit_fields(tidy, metadata);
    return metadata;
}

Campaign tidied(Campaign campaign) {
    campaign.name = value_or_empty(campaign.name);
    campaign.description = value_or_empty(campaign.description);
    return campaign;
}

Contact tidied(Contact contact) {
    contact.name = value_or_empty(contact.name);
    contact.campaign = value_or_empty(contact.campaign);
    contact.time_zone = value_or_empty(contact.time_zone);
    return contact;
}

CallMetadata merge(CallMetadata first, CallMetadata second) {
    first = tidied(std::move(first));
    second = tidied(std::move(second));
    // A campaign is taken as a whole: one source's name with another's description would be
    // nobody's.
    if (!first.campaign_name.empty() || !first.campaign_description.empty()) {
        second.campaign_name = first.campaign_name;
        second.campaign_description = first.campaign_description;
    }
    const auto fill = [](std::string_view, std::string& mine, const std::string& theirs) {
        if (mine.empty()) mine = theirs;
    };
    visit_fields(fill, first, second);
    return first;
}

CallMetadata overlay(CallMetadata known, const CallMetadata& given) {
    const auto replace = [](std::string_view, std::string& mine, const std::string& theirs) {
        if (!theirs.empty()) mine = theirs;
    };
    visit_fields(replace, known, given);
    return known;
}

bool take_contact_campaign(CallMetadata& call, const std::string& campaign) {
    const bool has_own = !call.campaign_id.empty() || !call.campaign_name.empty() ||
                         !call.campaign_description.empty();
    if (has_own || campaign.empty()) return false;
    call.campaign_id = campaign;
    return true;
}

void name_campaign_of_contact(CallMetadata& call) {
    call.campaign_name = std::exchange(call.campaign_id, {});
}

}  // namespace wrapup
