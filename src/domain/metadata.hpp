#pragma once

// What the dialler knows of a call, its campaign and its contact. Empty means not known.

#include <string>

#include "domain/fields.hpp"

namespace wrapup {

struct CallMetadata {
    std::string name;  // Contact name written with the call.
    // Name of the contact that has the number. The name above wins: where there is one, a source
    // may leave this, and the contact's time zone, unread.
    std::string contact_name;
    std::string campaign_id;
    std::string campaign_name;
    std::string campaign_description;
    std::string conversation_id;
    std::string agent_id;
    std::string to;
    std::string answered_by;
    std::string time_zone;  // Where the contact is: an IANA name, as somebody wrote it.

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
               Field{"answered_by", &CallMetadata::answered_by},
               Field{"time_zone", &CallMetadata::time_zone}};
static_assert(names_every_field(fields_of<CallMetadata>));

// Whose metadata is asked for.
struct MetadataKey {
    std::string call_id;
    std::string conversation_id;
    std::string to;           // The other party's number.
    bool is_inbound = false;  // Then `to` of the metadata is our own number.
    bool has_contact = true;  // False: without what a contact adds.

    const std::string& contact_number(const CallMetadata& metadata) const {
        return is_inbound || metadata.to.empty() ? to : metadata.to;
    }
};

// Every text as plain text; those that stand for no value ("null", "{{customer_name}}") empty.
CallMetadata tidied(CallMetadata metadata);

// Fills what `first` leaves empty with what `second` has; both tidied, so that a word that is no
// value hides nothing.
CallMetadata merge(CallMetadata first, CallMetadata second);
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
    // Id of a campaign, or its name where none has that id. Counts for calls to the number that
    // have no campaign of their own.
    std::string campaign{};
    std::string time_zone{};  // An IANA name.
    bool operator==(const Contact&) const = default;
};

// Their texts as plain text. Names, descriptions and the campaign of a contact may be placeholders,
// and are then empty; what identifies a campaign or contact stays as it is written.
Campaign tidied(Campaign campaign);
Contact tidied(Contact contact);

// The campaign of a call's contact, for a call that has no campaign of its own. It is an id as long
// as nobody says otherwise; false when nothing was taken.
bool take_contact_campaign(CallMetadata& call, const std::string& campaign);
// There is no campaign with the id that was taken: it is a name.
void name_campaign_of_contact(CallMetadata& call);

}  // namespace wrapup
