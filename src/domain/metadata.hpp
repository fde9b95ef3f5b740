#pragma once

// What the dialler knows of a call, its campaign and its contact. Empty means not known.

#include <string>

#include "domain/fields.hpp"

namespace wrapup {

struct CallMetadata {
    std::string name;  // Contact name written with the call.
    // Name of the contact that has the number. The name above wins: where there is one, a source
    // may leave this unread.
    std::string contact_name;
    std::string campaign_id;
    std::string campaign_name;
    std::string campaign_description;
    std::string conversation_id;
    std::string agent_id;
    std::string to;
    std::string answered_by;

    bool operator==(const CallMetadata&) const = default;
};
template <>
inline constexpr auto fields_of<CallMetadata> =
    std::tuple{Field{"name", &CallMetadata::name},
               Field{"contact_name", &CallMetadata::contact_name},
               Field{"campaign_id", &CallMetadata::campaign_id},
               Field{"campaign_name", &CallMetadata::campaign_name},
               Field{"campaign_description", &CallMetadata::campaign_description},
               Field{"conversation_id", &CallMetadata::conversation_id},
               Field{"agent_id", &CallMetadata::agent_id},
               Field{"to", &CallMetadata::to},
               Field{"answered_by", &CallMetadata::answered_by}};
static_assert(names_every_field(fields_of<CallMetadata>));

// Fills what `first` leaves empty with what `second` has.
CallMetadata merge(CallMetadata first, const CallMetadata& second);
// What is `given` replaces what is `known`.
CallMetadata overlay(CallMetadata known, const CallMetadata& given);

struct Campaign {
    std::string id;
    std::string name;
    std::string description;
    bool operator==(const Campaign&) const = default;
};

struct Contact {
    std::string phone;
    std::string name;
    bool operator==(const Contact&) const = default;
};

}  // namespace wrapup
