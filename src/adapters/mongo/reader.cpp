#include "adapters/mongo/reader.hpp"

#include <algorithm>
#include <set>

#include "adapters/mongo/value.hpp"
#include "base/text.hpp"
#include "domain/plain_text.hpp"

namespace wrapup::mongo {
namespace {

// Some documents more than wanted, because nothing forbids a dialler two of a kind.
constexpr std::size_t documents_per_wanted = 4;
constexpr std::size_t documents_spare = 100;
// What no sender of ours has ever used as an id or a number.
constexpr std::size_t asked_bytes_max = 512;
// A number with more digits is no phone number and might not fit.
constexpr std::size_t phone_digits_max = 18;

// One odd text in a batch must not cost the others their answer: BSON takes UTF-8 only. What is
// found is compared as it is read, trimmed and without NUL: no other text may be asked for.
bool can_be_asked(const std::string& text) {
    return !text.empty() && text.size() <= asked_bytes_max && to_valid_utf8(text) == text &&
           trim(text) == text && text.find('\0') == std::string::npos;
}

// Files what was read under each of its keys; of several under one key the newest counts, so that
// the answer does not depend on the order in which the server happens to find them. What has no
// readable key is nobody's: filed under "", it would be the answer to whoever asks for nothing.
template <class Found>
void file_newest(std::unordered_map<std::string, Found>& filed,
                 const std::vector<std::string>& keys, const Found& found) {
    for (const std::string& key : keys) {
        if (key.empty()) continue;
        const auto [place, is_first] = filed.try_emplace(key, found);
        if (!is_first && place->second.order_key < found.order_key) place->second = found;
    }
}

template <class Found>
const Found* find_filed(const std::unordered_map<std::string, Found>& filed,
                        const std::string& key) {
    if (key.empty()) return nullptr;
    const auto place = filed.find(key);
    return place == filed.end() ? nullptr : &place->second;
}

std::vector<std::string> phone_keys(std::vector<std::string> numbers) {
    for (std::string& number : numbers) number = phone_key(number);
    return numbers;
}

std::optional<std::int64_t> phone_as_number(const std::string& key) {
    if (key.size() > phone_digits_max) return std::nullopt;
    return parse_int(key);
}

}  // namespace

CallMetadata call_of(const bson_t& document, const MongoMapping::Calls& names) {
    CallMetadata metadata;
    metadata.name = text_at(document, names.name);
    metadata.campaign_id = text_at(document, names.campaign);
    metadata.conversation_id = text_at(document, names.conversation);
    metadata.agent_id = text_at(document, names.agent);
    metadata.to = text_at(document, names.to);
    metadata.answered_by = text_at(document, names.answered_by);
    return metadata;
}

std::vector<std::string> call_paths(const MongoMapping::Calls& names) {
    return {"_id",       names.sid, names.name,       names.campaign, names.conversation,
            names.agent, names.to,  names.answered_by};
}

// One thing to find, in each form in which a dialler may have stored it.
struct Reader::Wanted {
    std::vector<std::string> texts;
    std::optional<std::int64_t> number;
    std::string object_id;  // 24 hex digits, or empty.

    bool is_met_by(const std::string& text) const {
        if (number && text == std::to_string(*number)) return true;
        // A collation may find what is written in the other case.
        const std::string lower = to_lower(text);
        return (!object_id.empty() && lower == to_lower(object_id)) ||
               std::ranges::any_of(texts, [&](const auto& one) { return to_lower(one) == lower; });
    }
};

struct Reader::Batch {
    std::span<const MetadataQuery> queries;
    UtcTime now;
    const PooledClient* client = nullptr;
    std::vector<CallMetadata> found;  // One per query.
    std::vector<bool> is_known;
};

Reader::Reader(const MongoSettings& settings, MongoMapping mapping, CampaignCache::Limits cache)
    : mapping_(std::move(mapping)), connection_(settings), cache_(cache) {}

Reading Reader::read(std::span<const MetadataQuery> queries, UtcTime now) {
    Batch batch{queries, now, nullptr, {}, {}};
    batch.found.resize(queries.size());
    batch.is_known.resize(queries.size());
    const Result<void> outcome = read_connected(batch);

    Reading reading;
    if (!outcome) reading.failure = outcome.error();
    for (std::size_t i = 0; i < queries.size(); ++i) {
        MetadataAnswer answer;
        answer.kind =
            batch.is_known[i] ? MetadataAnswer::Kind::found : MetadataAnswer::Kind::not_yet;
        answer.metadata = std::move(batch.found[i]);
        if (!outcome) {
            answer.kind = MetadataAnswer::Kind::away;
            answer.detail = outcome.error().detail;
        }
        reading.answers.push_back(std::move(answer));
    }
    return reading;
}

Result<void> Reader::read_connected(Batch& batch) {
    WRAPUP_TRY(const PooledClient client, connection_.client());
    batch.client = &client;
    return read_all(batch);
}

Result<void> Reader::read_all(Batch& batch) {
    std::vector<Wanted> sids;
    std::vector<Wanted> conversations;
    for (const MetadataQuery& query : batch.queries) {
        if (can_be_asked(query.call_sid)) {
            sids.push_back({{query.call_sid}, {}, {}});
        } else if (query.call_sid.empty() && can_be_asked(query.conversation_id)) {
            conversations.push_back({{query.conversation_id}, {}, {}});
        }
    }
    std::unordered_map<std::string, Found> by_sid;
    std::unordered_map<std::string, Found> by_conversation;
    WRAPUP_CHECK(read_calls(batch, mapping_.calls.sid, std::move(sids), by_sid));
    WRAPUP_CHECK(
        read_calls(batch, mapping_.calls.conversation, std::move(conversations), by_conversation));
    for (std::size_t i = 0; i < batch.queries.size(); ++i) {
        const MetadataQuery& query = batch.queries[i];
        const bool has_sid = !query.call_sid.empty();
        const Found* call = has_sid ? find_filed(by_sid, query.call_sid)
                                    : find_filed(by_conversation, query.conversation_id);
        if (call == nullptr) continue;
        batch.is_known[i] = true;
        batch.found[i] = tidied(call->metadata);
    }
    WRAPUP_CHECK(read_campaigns(batch));
    return read_contacts(batch);
}

Result<void> Reader::read_calls(Batch& batch, const std::string& field, std::vector<Wanted> wanted,
                                std::unordered_map<std::string, Found>& found) {
    const MongoMapping::Calls& names = mapping_.calls;
    Scan scan{.collection = names.collection, .paths = call_paths(names)};
    return scan_wanted(batch, std::move(scan), field, wanted, [&](const Row& row) {
        file_newest(found, texts_at(row.bson, field),
                    Found{order_key_of_id(row.bson), call_of(row.bson, names)});
    });
}

// Fills what the cache knows and returns the rest.
std::vector<Reader::Wanted> Reader::campaigns_to_read(Batch& batch) {
    std::vector<Wanted> wanted;
    std::set<std::string> keys;
    const std::scoped_lock lock{cache_mutex_};
    for (CallMetadata& metadata : batch.found) {
        if (metadata.campaign_id.empty()) continue;
        const std::string key = campaign_key(metadata.campaign_id);
        if (const auto entry = cache_.find(key, batch.now)) {
            if (!entry->campaign) continue;
            metadata.campaign_name = entry->campaign->name;
            metadata.campaign_description = entry->campaign->description;
        } else if (keys.insert(key).second) {
            Wanted campaign{{metadata.campaign_id}, parse_int(metadata.campaign_id), {}};
            if (key != metadata.campaign_id) campaign.texts.push_back(key);
            if (is_object_id(key)) campaign.object_id = key;
            wanted.push_back(std::move(campaign));
        }
    }
    return wanted;
}

Result<void> Reader::read_campaigns(Batch& batch) {
    const std::vector<Wanted> wanted = campaigns_to_read(batch);
    if (wanted.empty()) return {};
    const MongoMapping::Campaigns& names = mapping_.campaigns;
    // An id may exist as a text and as an ObjectId; the ObjectId, which sorts last, counts.
    std::unordered_map<std::string, FoundCampaign> found;
    Scan scan{.collection = names.collection, .paths = {"_id", names.name, names.description}};
    WRAPUP_CHECK(scan_wanted(batch, std::move(scan), "_id", wanted, [&](const Row& row) {
        const std::string id = text_at(row.bson, "_id");
        const FoundCampaign campaign{
            order_key_of_id(row.bson),
            Campaign{id, text_at(row.bson, names.name), text_at(row.bson, names.description)}};
        file_newest(found, {campaign_key(id)}, campaign);
    }));
    {
        const std::scoped_lock lock{cache_mutex_};
        for (const Wanted& campaign : wanted) {
            const std::string key = campaign_key(campaign.texts.front());
            const FoundCampaign* known = find_filed(found, key);
            CampaignCache::Entry entry;
            if (known != nullptr) entry.campaign = known->campaign;
            cache_.put(key, std::move(entry), batch.now);
        }
    }
    for (CallMetadata& metadata : batch.found) {
        const FoundCampaign* known = find_filed(found, campaign_key(metadata.campaign_id));
        if (known == nullptr) continue;
        metadata.campaign_name = known->campaign.name;
        metadata.campaign_description = known->campaign.description;
    }
    return {};
}

// The contact of the number in the dialler's call, else of the one that Twilio called: the two may
// be written differently.
Result<void> Reader::read_contacts(Batch& batch) {
    std::vector<Wanted> wanted;
    std::set<std::string> keys;
    const auto want = [&](const std::string& number) {
        const std::string key = phone_key(number);
        if (key.empty() || !can_be_asked(number) || !keys.insert(key).second) return;
        wanted.push_back({phone_forms(number), phone_as_number(key), {}});
    };
    for (std::size_t i = 0; i < batch.queries.size(); ++i) {
        if (!batch.found[i].name.empty()) continue;  // The call's own name wins.
        // Of an inbound call, the number called is ours and no contact's.
        if (!batch.queries[i].is_inbound) want(batch.found[i].to);
        want(batch.queries[i].to);
    }
    std::unordered_map<std::string, FoundContact> found;
    WRAPUP_CHECK(scan_contacts(batch, wanted, found));
    const auto take = [&](const std::string& number, CallMetadata& into) {
        const FoundContact* known = find_filed(found, phone_key(number));
        if (known == nullptr) return;
        if (into.contact_name.empty()) into.contact_name = known->name;
        if (into.time_zone.empty()) into.time_zone = known->time_zone;
    };
    for (std::size_t i = 0; i < batch.queries.size(); ++i) {
        if (!batch.found[i].name.empty()) continue;
        CallMetadata& metadata = batch.found[i];
        const std::string own_number = metadata.to;
        if (!batch.queries[i].is_inbound) take(own_number, metadata);
        take(batch.queries[i].to, metadata);
    }
    return {};
}

Result<void> Reader::scan_contacts(const Batch& batch, const std::vector<Wanted>& wanted,
                                   std::unordered_map<std::string, FoundContact>& found) {
    const MongoMapping::Contacts& names = mapping_.contacts;
    Scan scan{.collection = names.collection,
              .paths = {"_id", names.phone, names.name, names.time_zone}};
    return scan_wanted(batch, std::move(scan), names.phone, wanted, [&](const Row& row) {
        std::string name = value_or_empty(text_at(row.bson, names.name));
        std::string zone = value_or_empty(text_at(row.bson, names.time_zone));
        if (name.empty() && zone.empty()) return;
        file_newest(found, phone_keys(texts_at(row.bson, names.phone)),
                    FoundContact{order_key_of_id(row.bson), std::move(name), std::move(zone)});
    });
}

// One read for all. Should one thing have so many documents that they might crowd out the others,
// each is asked for alone, newest first.
Result<void> Reader::scan_wanted(const Batch& batch, Scan scan, const std::string& field,
                                 const std::vector<Wanted>& wanted, const Visit& visit) {
    if (wanted.empty()) return {};
    const std::size_t documents_max = wanted.size() * documents_per_wanted + documents_spare;
    scan.documents_max = static_cast<std::int64_t>(documents_max);
    WRAPUP_TRY(const std::size_t count, scan_once(batch, scan, field, wanted, visit));
    if (count < documents_max) return {};
    scan.order = Scan::Order::newest_first;
    scan.documents_max = static_cast<std::int64_t>(documents_spare);
    for (const Wanted& one : wanted) {
        WRAPUP_TRY([[maybe_unused]] const std::size_t own_count,
                   scan_once(batch, scan, field, std::span{&one, 1}, visit));
    }
    return {};
}

Result<std::size_t> Reader::scan_once(const Batch& batch, Scan scan, const std::string& field,
                                      std::span<const Wanted> wanted, const Visit& visit) {
    Document values;
    std::uint32_t count = 0;
    const auto next_key = [&count] { return std::to_string(count++); };
    for (const Wanted& one : wanted) {
        for (const std::string& text : one.texts) values.text(next_key(), text);
        if (one.number) values.number(next_key(), *one.number);
        if (one.object_id.empty()) continue;
        bson_oid_t id;
        bson_oid_init_from_string(&id, one.object_id.c_str());
        values.object_id(next_key(), id);
    }
    Document any_of;
    any_of.array("$in", values);
    Document filter;
    filter.document(field, any_of);
    scan.filter = &filter;
    bool is_met = false;
    const auto look = [&](const Row& row) {
        const auto meets = [&](const std::string& text) {
            return std::ranges::any_of(wanted,
                                       [&](const Wanted& one) { return one.is_met_by(text); });
        };
        is_met = is_met || std::ranges::any_of(texts_at(row.bson, field), meets);
        visit(row);
    };
    WRAPUP_TRY(const std::size_t rows_count, connection_.scan(*batch.client, scan, look));
    if (rows_count == 0 || is_met) return rows_count;
    // The answer to an earlier question, whose id it does not say: so may be each from now on.
    connection_.begin_anew();
    return Error{Errc::unavailable, "MongoDB answered another question than was asked"};
}

}  // namespace wrapup::mongo
