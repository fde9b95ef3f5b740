#pragma once

// Where the dialler keeps what we read: collections and fields, dotted paths allowed
// (`customer.fullName`). Plain names; wrapup.toml fills them in.

#include <string>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

struct MongoMapping {
    struct Calls {
        std::string collection = "calls";
        std::string sid = "callSid";
        std::string name = "contactName";
        std::string campaign = "campaignId";
        std::string conversation = "conversationId";
        std::string agent = "agentId";
        std::string to = "to";
        std::string answered_by = "answeredBy";
    };
    struct Campaigns {
        std::string collection = "campaigns";
        std::string name = "name";
        std::string description = "description";
    };
    struct Contacts {
        std::string collection = "contacts";
        std::string phone = "phoneNumber";
        std::string name = "name";
        std::string time_zone = "timeZone";
    };
    Calls calls;
    Campaigns campaigns;
    Contacts contacts;
};

// Calls visit(name, value) for each setting, whose names begin with "metadata.mongodb.".
template <class Mapping, class Visit>
void visit_settings(Mapping& mapping, const Visit& visit) {
    visit("calls.collection", mapping.calls.collection);
    visit("calls.sid", mapping.calls.sid);
    visit("calls.name", mapping.calls.name);
    visit("calls.campaign", mapping.calls.campaign);
    visit("calls.conversation", mapping.calls.conversation);
    visit("calls.agent", mapping.calls.agent);
    visit("calls.to", mapping.calls.to);
    visit("calls.answered_by", mapping.calls.answered_by);
    visit("campaigns.collection", mapping.campaigns.collection);
    visit("campaigns.name", mapping.campaigns.name);
    visit("campaigns.description", mapping.campaigns.description);
    visit("contacts.collection", mapping.contacts.collection);
    visit("contacts.phone", mapping.contacts.phone);
    visit("contacts.name", mapping.contacts.name);
    visit("contacts.time_zone", mapping.contacts.time_zone);
}

// invalid_input names the first setting whose value MongoDB would not take as a name: empty, longer
// than 120 bytes, with a '$' or a NUL, or a path with an empty step.
Result<void> validate(const MongoMapping& mapping);

// The paths without repetitions and without those that lie inside another one: MongoDB refuses a
// projection that names both `customer` and `customer.name`.
std::vector<std::string> projected_paths(std::vector<std::string> paths);

}  // namespace wrapup
