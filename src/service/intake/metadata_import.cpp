#include "service/intake/metadata_import.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

constexpr int page_size = 1000;

using Campaigns = std::map<std::string, Campaign, std::less<>>;

// Those of `ids` that are known. One walk over the range they lie in.
Result<Campaigns> find_campaigns(StoreQueries& store, const std::set<std::string>& ids) {
    Campaigns found;
    if (ids.empty()) return found;
    // What is shorter by its last byte stands before it, and little stands between.
    std::string after = ids.begin()->substr(0, std::max<std::size_t>(ids.begin()->size(), 1) - 1);
    for (;;) {
        WRAPUP_TRY(const auto page, store.list_campaigns(after, page_size));
        for (const Campaign& campaign : page) {
            if (ids.contains(campaign.id)) found.emplace(campaign.id, campaign);
        }
        if (page.size() < page_size || page.back().id >= *ids.rbegin()) return found;
        after = page.back().id;
    }
}

void replace(std::string& mine, const std::string& theirs) {
    if (!theirs.empty()) mine = theirs;
}

Campaign overlay(Campaign known, const Campaign& given) {
    replace(known.name, given.name);
    replace(known.description, given.description);
    return known;
}

Contact overlay(Contact known, const Contact& given) {
    replace(known.name, given.name);
    replace(known.campaign, given.campaign);
    replace(known.time_zone, given.time_zone);
    return known;
}

// Everything an item of the batch can concern, as it is known, and what becomes of it.
class Planner {
public:
    Planner(StoreQueries& store, UtcTime now) : store_(store), now_(now) {}

    Result<void> prepare(std::span<const ImportItem> items) {
        WRAPUP_CHECK(prepare_calls(items));
        WRAPUP_CHECK(prepare_campaigns(items));
        WRAPUP_CHECK(prepare_contacts(items));
        return prepare_do_not_call(items);
    }

    void add(const ImportItem& item) {
        bool is_changed = false;
        if (const auto* call = std::get_if<ImportedCall>(&item)) {
            is_changed = add_call(*call);
        } else if (const auto* campaign = std::get_if<Campaign>(&item)) {
            is_changed = add_campaign(*campaign);
        } else if (const auto* spared = std::get_if<DoNotCall>(&item)) {
            is_changed = add_do_not_call(*spared);
        } else {
            is_changed = add_contact(std::get<Contact>(item));
        }
        (is_changed ? plan_.changed_count : plan_.unchanged_count) += 1;
    }

    ImportPlan take() {
        for (auto& [id, call] : calls_) {
            if (call.is_changed) plan_.ops.push_back(PutMetadata{id, std::move(call.handed), now_});
        }
        for (auto& [id, campaign] : campaigns_) {
            if (campaign.is_changed) plan_.ops.push_back(PutCampaign{std::move(campaign.value)});
        }
        for (auto& [phone, contact] : contacts_) {
            if (contact.is_changed) plan_.ops.push_back(PutContact{std::move(contact.value)});
        }
        if (!spared_.empty()) plan_.ops.push_back(PutDoNotCall{std::move(spared_)});
        return std::move(plan_);
    }

private:
    template <class T>
    struct Entry {
        T value;
        bool is_changed = false;
    };
    struct CallEntry {
        CallMetadata shown;   // With what campaigns fill in.
        CallMetadata handed;  // Without: written back, it would be frozen.
        bool is_changed = false;
    };

    Result<void> prepare_calls(std::span<const ImportItem> items) {
        std::vector<MetadataKey> keys;
        for (const ImportItem& item : items) {
            const auto* call = std::get_if<ImportedCall>(&item);
            if (call == nullptr || identities_.contains(call->call_id)) continue;
            WRAPUP_TRY(std::string id, identity_of(call->call_id));
            identities_.emplace(call->call_id, id);
            // What a contact adds is the contact's: with the call it would be frozen.
            if (!calls_.try_emplace(id).second) continue;
            MetadataKey& key = keys.emplace_back();
            key.call_id = std::move(id);
            key.has_contact = false;
        }
        WRAPUP_TRY(const auto shown, store_.own_metadata(keys));
        WRAPUP_TRY(const auto handed, strip(shown));
        for (std::size_t i = 0; i < keys.size(); ++i) {
            calls_[keys[i].call_id] = {shown[i], handed[i], false};
        }
        return {};
    }

    // A conversation that is part of a known call stands for that call.
    Result<std::string> identity_of(const std::string& call_id) {
        auto resolved = store_.resolve(call_id);
        if (!resolved && resolved.error().code == Errc::not_found) return call_id;
        return resolved;
    }

    Result<std::vector<CallMetadata>> strip(std::vector<CallMetadata> known) {
        std::set<std::string> ids;
        for (const CallMetadata& metadata : known) {
            if (!metadata.campaign_id.empty()) ids.insert(metadata.campaign_id);
        }
        WRAPUP_TRY(const Campaigns campaigns, find_campaigns(store_, ids));
        for (CallMetadata& metadata : known) {
            const auto campaign = campaigns.find(metadata.campaign_id);
            if (campaign == campaigns.end()) continue;
            if (metadata.campaign_name == campaign->second.name) metadata.campaign_name.clear();
            if (metadata.campaign_description == campaign->second.description) {
                metadata.campaign_description.clear();
            }
        }
        return known;
    }

    Result<void> prepare_campaigns(std::span<const ImportItem> items) {
        std::set<std::string> ids;
        for (const ImportItem& item : items) {
            if (const auto* campaign = std::get_if<Campaign>(&item)) ids.insert(campaign->id);
        }
        WRAPUP_TRY(const Campaigns known, find_campaigns(store_, ids));
        for (const auto& [id, campaign] : known) campaigns_[id].value = campaign;
        return {};
    }

    Result<void> prepare_contacts(std::span<const ImportItem> items) {
        std::vector<MetadataKey> keys;
        for (const ImportItem& item : items) {
            const auto* contact = std::get_if<Contact>(&item);
            if (contact == nullptr) continue;
            std::string phone = normalize_phone_number(contact->phone);
            if (contacts_.try_emplace(phone).second) keys.push_back({"", "", std::move(phone)});
        }
        WRAPUP_TRY(auto known, store_.own_metadata(keys));
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const CallMetadata& found = known[i];
            contacts_[keys[i].to].value = {
                keys[i].to, found.contact_name,
                found.campaign_id.empty() ? found.campaign_name : found.campaign_id,
                found.time_zone};
        }
        return {};
    }

    Result<void> prepare_do_not_call(std::span<const ImportItem> items) {
        for (const ImportItem& item : items) {
            const auto* spared = std::get_if<DoNotCall>(&item);
            if (spared == nullptr) continue;
            WRAPUP_TRY(const bool is_listed, store_.is_do_not_call(spared->phone));
            if (is_listed) listed_.insert(normalize_phone_number(spared->phone));
        }
        return {};
    }

    bool add_do_not_call(const DoNotCall& spared) {
        if (!listed_.insert(normalize_phone_number(spared.phone)).second) return false;
        DoNotCall& entry = spared_.emplace_back(spared);
        if (entry.since == UtcTime{}) entry.since = now_;
        return true;
    }

    bool add_call(const ImportedCall& call) {
        CallEntry& entry = calls_.at(identities_.at(call.call_id));
        const CallMetadata given = tidied(call.metadata);
        const CallMetadata wanted = overlay(entry.shown, given);
        if (wanted == entry.shown) return false;
        // Another campaign does not go on under the name of the one before.
        if (wanted.campaign_id != entry.shown.campaign_id) {
            entry.handed.campaign_name.clear();
            entry.handed.campaign_description.clear();
        }
        entry.handed = overlay(std::move(entry.handed), given);
        entry.shown = wanted;
        entry.is_changed = true;
        return true;
    }

    bool add_campaign(const Campaign& campaign) {
        auto& entry = campaigns_[campaign.id];
        Campaign wanted = overlay(entry.value, tidied(campaign));
        wanted.id = campaign.id;
        if (wanted == entry.value) return false;
        entry = {std::move(wanted), true};
        return true;
    }

    bool add_contact(const Contact& contact) {
        auto& entry = contacts_.at(normalize_phone_number(contact.phone));
        const Contact wanted = overlay(entry.value, tidied(contact));
        if (wanted == entry.value) return false;
        entry = {wanted, true};
        return true;
    }

    StoreQueries& store_;
    const UtcTime now_;
    ImportPlan plan_;
    std::map<std::string, std::string, std::less<>> identities_;  // As given, and as known.
    std::map<std::string, CallEntry, std::less<>> calls_;
    std::map<std::string, Entry<Campaign>, std::less<>> campaigns_;
    std::map<std::string, Entry<Contact>, std::less<>> contacts_;  // By number.
    std::set<std::string> listed_;  // Numbers that are on the do-not-call list.
    std::vector<DoNotCall> spared_;
};

}  // namespace

Result<ImportPlan> plan_import(StoreQueries& store, std::span<const ImportItem> items,
                               UtcTime now) {
    Planner planner(store, now);
    WRAPUP_CHECK(planner.prepare(items));
    for (const ImportItem& item : items) planner.add(item);
    return planner.take();
}

}  // namespace wrapup
