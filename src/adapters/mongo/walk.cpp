#include "adapters/mongo/walk.hpp"

#include <array>
#include <limits>
#include <optional>

#include "adapters/mongo/connection.hpp"
#include "adapters/mongo/errors.hpp"
#include "adapters/mongo/reader.hpp"
#include "adapters/mongo/value.hpp"
#include "base/text.hpp"

// MongoDB compares `_id` only with values of the same kind, so a collection with ids of several
// kinds is walked kind by kind. A token is "collection kind id", the id as Extended JSON; without
// an id, the kind begins.

namespace wrapup {
namespace {

using mongo::Document;
using mongo::Row;
using mongo::Scan;

constexpr std::size_t collections_count = 3;
constexpr std::size_t token_bytes_max = 8192;

// In MongoDB's own order.
enum class Kind { number, text, document, binary, object_id, boolean, date };
constexpr std::size_t kinds_count = 7;

struct Position {
    std::size_t collection = 0;
    std::size_t kind = 0;
    std::string id;  // {"_id": …}, or empty.
};

std::optional<Kind> kind_of(const bson_iter_t& iter) {
    switch (static_cast<int>(bson_iter_type(&iter))) {
        case BSON_TYPE_INT32:
        case BSON_TYPE_INT64:
        case BSON_TYPE_DOUBLE:
        case BSON_TYPE_DECIMAL128: return Kind::number;
        case BSON_TYPE_UTF8: return Kind::text;
        case BSON_TYPE_DOCUMENT: return Kind::document;
        case BSON_TYPE_BINARY: return Kind::binary;
        case BSON_TYPE_OID: return Kind::object_id;
        case BSON_TYPE_BOOL: return Kind::boolean;
        case BSON_TYPE_DATE_TIME: return Kind::date;
        default: return std::nullopt;
    }
}

std::string token_of(const Position& at) {
    return std::to_string(at.collection) + " " + std::to_string(at.kind) + " " + at.id;
}

Result<Position> position_of(const std::string& token) {
    if (token.empty()) return Position{};
    const Error fault{Errc::invalid_input, "this is no token of an import from MongoDB"};
    if (token.size() < 4 || token.size() > token_bytes_max) return fault;
    if (token[1] != ' ' || token[3] != ' ' || token[0] < '0' || token[2] < '0') return fault;
    const Position at{static_cast<std::size_t>(token[0] - '0'),
                      static_cast<std::size_t>(token[2] - '0'), token.substr(4)};
    if (at.collection > collections_count || at.kind >= kinds_count) return fault;
    return at;
}

// The first date that every BSON library can read.
constexpr std::int64_t year_1_ms = -62'135'596'800'000;

// A range where the kind has a lowest value: that is read from the index everywhere.
void add_begin_of(Kind kind, Document& condition) {
    const bson_oid_t lowest{};
    switch (kind) {
        case Kind::number: condition.real("$gte", std::numeric_limits<double>::lowest()); break;
        case Kind::text: condition.text("$gte", ""); break;
        case Kind::document: condition.text("$type", "object"); break;
        case Kind::binary: condition.text("$type", "binData"); break;
        case Kind::object_id: condition.object_id("$gte", lowest); break;
        case Kind::boolean: condition.text("$type", "bool"); break;
        case Kind::date: condition.date("$gte", year_1_ms); break;
    }
}

// False when the token's id is none.
bool add_after(const std::string& id, Document& condition) {
    bson_error_t ignored{};
    const mongo::OwnedBson document{
        bson_new_from_json(reinterpret_cast<const std::uint8_t*>(id.data()),
                           static_cast<ssize_t>(id.size()), &ignored)};
    bson_iter_t iter;
    if (document.get() == nullptr || !bson_iter_init_find(&iter, document.get(), "_id"))
        return false;
    condition.value_of("$gt", iter);
    return true;
}

std::string id_json(const bson_t& document) {
    bson_iter_t iter;
    if (!bson_iter_init_find(&iter, &document, "_id")) return {};
    Document only_id;
    only_id.value_of("_id", iter);
    char* json = bson_as_canonical_extended_json(only_id.get(), nullptr);
    if (json == nullptr) return {};
    std::string text = json;
    bson_free(json);
    return text;
}

bool has_kind(const bson_t& document, Kind kind) {
    bson_iter_t iter;
    return bson_iter_init_find(&iter, &document, "_id") && kind_of(iter) == kind;
}

}  // namespace

class MongoWalk::Impl {
public:
    Impl(const MongoSettings& settings, MongoMapping mapping)
        : mapping_(std::move(mapping)), connection_(settings) {}

    Result<std::uint64_t> count();
    Result<MongoPage> page_after(Position at);

private:
    const std::string& collection(std::size_t index) const {
        const std::array all{&mapping_.campaigns.collection, &mapping_.contacts.collection,
                             &mapping_.calls.collection};
        return *all.at(index);
    }
    std::vector<std::string> paths(std::size_t index) const;
    Result<void> read_on(const mongo::PooledClient& client, Position& at, MongoPage& page);
    void take(std::size_t index, const bson_t& document, MongoPage& page) const;

    MongoMapping mapping_;
    mongo::Connection connection_;
};

Result<std::uint64_t> MongoWalk::Impl::count() {
    WRAPUP_TRY(const mongo::PooledClient client, connection_.client());
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < collections_count; ++i) {
        const mongo::CollectionPtr handle{mongoc_client_get_collection(
            client.get(), connection_.database().c_str(), collection(i).c_str())};
        bson_error_t error{};
        const std::uint64_t unsound = mongo::unsound_answers_count();
        const std::int64_t count = mongoc_collection_estimated_document_count(
            handle.get(), nullptr, nullptr, nullptr, &error);
        if (count < 0) return mongo::to_error(error, unsound);
        sum += static_cast<std::uint64_t>(count);
    }
    return sum;
}

Result<MongoPage> MongoWalk::Impl::page_after(Position at) {
    WRAPUP_TRY(const mongo::PooledClient client, connection_.client());
    MongoPage page;
    while (page.documents_count == 0 && at.collection < collections_count) {
        WRAPUP_CHECK(read_on(client, at, page));
    }
    page.token = token_of(at);
    page.is_last = at.collection == collections_count;
    return page;
}

// One read. When it ends the kind, `at` is the begin of what comes next.
Result<void> MongoWalk::Impl::read_on(const mongo::PooledClient& client, Position& at,
                                      MongoPage& page) {
    const Kind kind = static_cast<Kind>(at.kind);
    Document condition;
    if (at.id.empty()) {
        add_begin_of(kind, condition);
    } else if (!add_after(at.id, condition)) {
        return Error{Errc::invalid_input, "this is no token of an import from MongoDB"};
    }
    Document filter;
    filter.document("_id", condition);
    const Scan scan{.collection = collection(at.collection),
                    .filter = &filter,
                    .paths = paths(at.collection),
                    .documents_max = documents_per_page,
                    .order = Scan::Order::oldest_first};
    std::string last_id;
    WRAPUP_TRY(const std::size_t count, connection_.scan(client, scan, [&](const Row& row) {
        if (!has_kind(row.bson, kind)) return;  // Some servers compare across kinds.
        take(at.collection, row.bson, page);
        page.documents_count += 1;
        last_id = id_json(row.bson);
    }));
    at.id = last_id;
    if (count == documents_per_page && !last_id.empty()) return {};
    at.id.clear();
    at.kind += 1;
    if (at.kind < kinds_count) return {};
    at.kind = 0;
    at.collection += 1;
    return {};
}

std::vector<std::string> MongoWalk::Impl::paths(std::size_t index) const {
    const MongoMapping& names = mapping_;
    if (index == 0) return {"_id", names.campaigns.name, names.campaigns.description};
    if (index == 1) {
        return {"_id", names.contacts.phone, names.contacts.name, names.contacts.time_zone};
    }
    return mongo::call_paths(names.calls);
}

// A document with several keys, a contact with several numbers, is several entries. One without is
// counted and left out: nothing could ever ask for it.
void MongoWalk::Impl::take(std::size_t index, const bson_t& document, MongoPage& page) const {
    using mongo::text_at;
    using mongo::texts_at;
    const std::size_t entries_before = page.entries_count();
    if (index == 0) {
        Campaign campaign{text_at(document, "_id"), text_at(document, mapping_.campaigns.name),
                          text_at(document, mapping_.campaigns.description)};
        if (!campaign.id.empty()) page.campaigns.push_back(std::move(campaign));
    } else if (index == 1) {
        const std::string name = text_at(document, mapping_.contacts.name);
        const std::string zone = text_at(document, mapping_.contacts.time_zone);
        for (std::string& phone : texts_at(document, mapping_.contacts.phone)) {
            page.contacts.push_back({std::move(phone), name, {}, zone});
        }
    } else {
        const CallMetadata metadata = mongo::call_of(document, mapping_.calls);
        std::vector<std::string> sids = texts_at(document, mapping_.calls.sid);
        // Known by its conversation alone.
        if (sids.empty() && !metadata.conversation_id.empty()) sids.emplace_back();
        for (std::string& sid : sids) page.calls.push_back({std::move(sid), metadata});
    }
    if (page.entries_count() == entries_before) page.unusable_count += 1;
}

MongoWalk::MongoWalk(const MongoSettings& settings, MongoMapping mapping)
    : impl_(std::make_unique<Impl>(settings, std::move(mapping))) {}

MongoWalk::~MongoWalk() = default;

Result<std::uint64_t> MongoWalk::count() { return impl_->count(); }

Result<MongoPage> MongoWalk::page_after(const std::string& token) {
    WRAPUP_TRY(Position at, position_of(token));
    return impl_->page_after(std::move(at));
}

}  // namespace wrapup
