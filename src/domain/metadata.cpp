#include "domain/metadata.hpp"

#include <string_view>

namespace wrapup {

CallMetadata merge(CallMetadata first, const CallMetadata& second) {
    // A campaign is taken as a whole: one source's name with another's description would be
    // nobody's.
    CallMetadata other = second;
    if (!first.campaign_name.empty() || !first.campaign_description.empty()) {
        other.campaign_name = first.campaign_name;
        other.campaign_description = first.campaign_description;
    }
    const auto fill = [](std::string_view, std::string& mine, const std::string& theirs) {
        if (mine.empty()) mine = theirs;
    };
    visit_fields(fill, first, other);
    return first;
}

CallMetadata overlay(CallMetadata known, const CallMetadata& given) {
    const auto replace = [](std::string_view, std::string& mine, const std::string& theirs) {
        if (!theirs.empty()) mine = theirs;
    };
    visit_fields(replace, known, given);
    return known;
}

}  // namespace wrapup
