#include "adapters/mongo/diagnosis.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "adapters/mongo/connection.hpp"
#include "adapters/mongo/errors.hpp"
#include "adapters/mongo/reader.hpp"
#include "adapters/mongo/value.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

using mongo::Row;
using mongo::Scan;
using mongo::text_at;

constexpr std::int64_t calls_max = 100;
constexpr std::size_t fields_max = 50;

class Examination {
public:
    Examination(const MongoSettings& settings, const MongoMapping& mapping)
        : mapping_(mapping), connection_(settings), reader_(settings, mapping, {}) {}

    MongoDiagnosis run() {
        const Result<void> outcome = examine();
        if (!outcome) result_.detail = outcome.error().detail;
        return std::move(result_);
    }

private:
    struct LatestCall {
        MetadataQuery query;
        bool has_campaign_id = false;
        bool has_name = false;
        bool has_number = false;
    };

    Result<void> examine() {
        WRAPUP_TRY(const mongo::PooledClient client, connection_.client());
        WRAPUP_CHECK(list_collections(client));
        result_.is_answering = true;
        check_index(client, "calls.sid", mapping_.calls.collection, mapping_.calls.sid);
        check_index(client, "contacts.phone", mapping_.contacts.collection,
                    mapping_.contacts.phone);
        WRAPUP_CHECK(read_latest(client));
        return resolve();
    }

    Result<void> list_collections(const mongo::PooledClient& client);
    void check_index(const mongo::PooledClient& client, const std::string& setting,
                     const std::string& collection, const std::string& field);
    Result<void> read_latest(const mongo::PooledClient& client);
    void note_fields(const bson_t& document);
    Result<void> resolve();
    void judge(const LatestCall& call, const MetadataAnswer& answer);
    void count_misses();
    bool exists(const std::string& collection) const;

    const MongoMapping& mapping_;
    mongo::Connection connection_;
    mongo::Reader reader_;
    MongoDiagnosis result_;
    std::vector<LatestCall> calls_;
    std::set<std::string> fields_;
    std::map<std::string, int> misses_;  // By setting.
};

Result<void> Examination::list_collections(const mongo::PooledClient& client) {
    const mongo::DatabasePtr database{
        mongoc_client_get_database(client.get(), connection_.database().c_str())};
    mongo::Document options;
    options.boolean("nameOnly", true);
    bson_error_t error{};
    const std::uint64_t unsound = mongo::unsound_answers_count();
    char** names =
        mongoc_database_get_collection_names_with_opts(database.get(), options.get(), &error);
    if (names == nullptr) return mongo::to_error(error, unsound);
    std::set<std::string> found;
    for (char** name = names; *name != nullptr; ++name) found.insert(*name);
    bson_strfreev(names);
    const std::pair<const char*, const std::string*> wanted[] = {
        {"calls.collection", &mapping_.calls.collection},
        {"campaigns.collection", &mapping_.campaigns.collection},
        {"contacts.collection", &mapping_.contacts.collection}};
    for (const auto& [setting, name] : wanted) {
        result_.collections.push_back({setting, *name, found.contains(*name)});
    }
    return {};
}

bool Examination::exists(const std::string& collection) const {
    return std::any_of(result_.collections.begin(), result_.collections.end(),
                       [&](const auto& one) { return one.name == collection && one.exists; });
}

// An index serves a lookup when the field is its first one. A collection that is not there has
// none; some servers would make it by being asked.
void Examination::check_index(const mongo::PooledClient& client, const std::string& setting,
                              const std::string& collection, const std::string& field) {
    MongoDiagnosis::Index index{setting, collection, field, false};
    if (exists(collection)) {
        const mongo::CollectionPtr handle{mongoc_client_get_collection(
            client.get(), connection_.database().c_str(), collection.c_str())};
        const mongo::CursorPtr cursor{
            mongoc_collection_find_indexes_with_opts(handle.get(), nullptr)};
        const bson_t* document = nullptr;
        while (mongoc_cursor_next(cursor.get(), &document)) {
            bson_iter_t key;
            bson_iter_t first;
            if (!bson_iter_init_find(&key, document, "key")) continue;
            if (!BSON_ITER_HOLDS_DOCUMENT(&key) || !bson_iter_recurse(&key, &first)) continue;
            if (bson_iter_next(&first) && bson_iter_key(&first) == field) index.exists = true;
        }
    }
    result_.indexes.push_back(std::move(index));
}

Result<void> Examination::read_latest(const mongo::PooledClient& client) {
    if (!exists(mapping_.calls.collection)) return {};
    const mongo::Document everything;
    const Scan scan{.collection = mapping_.calls.collection,
                    .filter = &everything,
                    .paths = {},
                    .documents_max = calls_max,
                    .order = Scan::Order::newest_first};
    WRAPUP_TRY([[maybe_unused]] const std::size_t count,
               connection_.scan(client, scan, [this](const Row& row) {
                   const MongoMapping::Calls& names = mapping_.calls;
                   LatestCall call;
                   call.query = {text_at(row.bson, names.sid),
                                 text_at(row.bson, names.conversation),
                                 text_at(row.bson, names.to)};
                   call.has_campaign_id = !text_at(row.bson, names.campaign).empty();
                   call.has_name = !text_at(row.bson, names.name).empty();
                   call.has_number = !call.query.to.empty();
                   calls_.push_back(std::move(call));
                   note_fields(row.bson);
               }));
    return {};
}

void Examination::note_fields(const bson_t& document) {
    bson_iter_t iter;
    if (!bson_iter_init(&iter, &document)) return;
    while (bson_iter_next(&iter) && fields_.size() < fields_max) {
        fields_.insert(to_valid_utf8(bson_iter_key(&iter)));
    }
}

// Through the same reader that serves the settler, so that what is said here is what will happen.
Result<void> Examination::resolve() {
    std::vector<MetadataQuery> queries;
    for (const LatestCall& call : calls_) queries.push_back(call.query);
    const mongo::Reading reading = reader_.read(queries, UtcTime{});
    if (reading.failure) return *reading.failure;
    for (std::size_t i = 0; i < calls_.size(); ++i) judge(calls_[i], reading.answers[i]);
    result_.calls_count = static_cast<int>(calls_.size());
    result_.call_fields.assign(fields_.begin(), fields_.end());
    count_misses();
    return {};
}

// Notes where the way to a campaign and to a name ended. A name written with the call makes the
// contacts needless, so they are blamed only for calls without one.
void Examination::judge(const LatestCall& call, const MetadataAnswer& answer) {
    const CallMetadata& metadata = answer.metadata;
    if (call.query.call_sid.empty()) misses_["calls.sid"] += 1;
    const bool has_words =
        !metadata.campaign_name.empty() || !metadata.campaign_description.empty();
    if (has_words) {
        result_.calls_with_campaign += 1;
    } else {
        misses_[call.has_campaign_id ? "campaigns.name" : "calls.campaign"] += 1;
    }
    const bool has_contact = !metadata.contact_name.empty();
    if (call.has_name || has_contact) {
        result_.calls_with_name += 1;
    } else {
        misses_["calls.name"] += 1;
        misses_[call.has_number ? "contacts.phone" : "calls.to"] += 1;
    }
}

void Examination::count_misses() {
    const std::pair<const char*, const std::string*> fields[] = {
        {"calls.sid", &mapping_.calls.sid},           {"calls.campaign", &mapping_.calls.campaign},
        {"campaigns.name", &mapping_.campaigns.name}, {"calls.name", &mapping_.calls.name},
        {"contacts.phone", &mapping_.contacts.phone}, {"calls.to", &mapping_.calls.to}};
    for (const auto& [setting, field] : fields) {
        const auto missed = misses_.find(setting);
        if (missed == misses_.end()) continue;
        result_.misses.push_back({setting, *field, missed->second});
    }
    std::stable_sort(result_.misses.begin(), result_.misses.end(),
                     [](const auto& a, const auto& b) { return a.calls_count > b.calls_count; });
}

}  // namespace

MongoDiagnosis diagnose(const MongoSettings& settings, const MongoMapping& mapping) {
    return Examination{settings, mapping}.run();
}

}  // namespace wrapup
