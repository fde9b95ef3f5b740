#include "core/store/own_metadata.hpp"

#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

// Adds the words of the campaign that has the id; false when there is none.
bool fill_campaign(MetadataRows& rows, CallMetadata& answer) {
    if (answer.campaign_id.empty()) return false;
    const auto campaign = rows.load_campaign(answer.campaign_id);
    if (!campaign) return false;
    if (answer.campaign_name.empty()) answer.campaign_name = campaign->name;
    if (answer.campaign_description.empty()) answer.campaign_description = campaign->description;
    return true;
}

}  // namespace

CallMetadata own_metadata(MetadataRows& rows, const MetadataKey& key) {
    CallMetadata answer;
    for (const std::string* id : {&key.call_id, &key.conversation_id}) {
        if (id->empty()) continue;
        if (const auto found = rows.load_handed_over(*id)) {
            answer = merge(std::move(answer), *found);
        }
    }
    fill_campaign(rows, answer);
    const std::string phone = normalize_phone_number(key.contact_number(answer));
    if (phone.empty() || !key.has_contact) return answer;
    const auto contact = rows.load_contact(phone);
    if (!contact) return answer;
    if (answer.contact_name.empty()) answer.contact_name = contact->name;
    if (answer.time_zone.empty()) answer.time_zone = contact->time_zone;
    if (!take_contact_campaign(answer, contact->campaign)) return answer;
    if (!fill_campaign(rows, answer)) name_campaign_of_contact(answer);
    return answer;
}

}  // namespace wrapup
