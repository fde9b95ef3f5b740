#include "domain/metadata.hpp"

#include <utility>

namespace wrapup {

CallMetadata merge(CallMetadata first, const CallMetadata& second) {
    const auto fill = [](std::string& mine, const std::string& other) {
        if (mine.empty()) mine = other;
    };
    // A campaign is taken as a whole: one source's name with another's description would be
    // nobody's.
    if (first.campaign_name.empty() && first.campaign_description.empty()) {
        first.campaign_name = second.campaign_name;
        first.campaign_description = second.campaign_description;
    }
    fill(first.campaign_id, second.campaign_id);
    fill(first.name, second.name);
    fill(first.contact_name, second.contact_name);
    fill(first.conversation_id, second.conversation_id);
    fill(first.agent_id, second.agent_id);
    fill(first.to, second.to);
    fill(first.answered_by, second.answered_by);
    return first;
}

}  // namespace wrapup
