#include "adapters/mongo/mapping.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <memory>

#include "adapters/mongo/campaign_cache.hpp"
#include "adapters/mongo/errors.hpp"
#include "adapters/mongo/handle.hpp"
#include "adapters/mongo/settings.hpp"
#include "adapters/mongo/source_health.hpp"
#include "adapters/mongo/value.hpp"
#include "base/prng.hpp"

// The parts that need no server.

namespace wrapup {
namespace {

using namespace std::chrono_literals;

TEST(MongoMapping, the_defaults_are_valid) { EXPECT_TRUE(validate(MongoMapping{})); }

TEST(MongoMapping, a_bad_name_is_named) {
    const std::pair<std::string, std::string> names[] = {
        {"", "is empty"},
        {std::string(121, 'a'), "is longer than 120 bytes"},
        {"$where", "contains a '$'"},
        {std::string("a\0b", 3), "contains a NUL"},
        {"a..b", "has an empty step between its dots"},
        {".a", "has an empty step between its dots"},
        {"a.", "has an empty step between its dots"}};
    for (const auto& [name, fault] : names) {
        MongoMapping mapping;
        mapping.contacts.phone = name;
        const Result<void> outcome = validate(mapping);
        ASSERT_FALSE(outcome) << fault;
        EXPECT_EQ(outcome.error(),
                  (Error{Errc::invalid_input, "metadata.mongodb contacts.phone " + fault}));
    }
    MongoMapping mapping;
    mapping.calls.collection = "";
    EXPECT_EQ(validate(mapping).error().detail, "metadata.mongodb calls.collection is empty");
}

TEST(MongoMapping, a_projection_names_no_path_within_another) {
    EXPECT_THAT(projected_paths({"to", "customer.name", "customer", "customers.x", "to", "_id"}),
                testing::UnorderedElementsAre("_id", "customer", "customers.x", "to"));
}

TEST(MongoUri, accepts_what_operators_write) {
    for (const char* uri :
         {"mongodb://127.0.0.1:27017/dialler", "mongodb://user:p%40ss@a,b,c/dialler?replicaSet=r",
          "mongodb+srv://user:pass@cluster0.abcde.mongodb.net/dialler?retryWrites=true&w=majority",
          " mongodb://localhost/dialler?tls=true&readPreference=secondaryPreferred \n"}) {
        const Result<MongoSettings> settings = parse_mongo_uri(uri);
        ASSERT_TRUE(settings) << settings.error().detail;
        EXPECT_EQ(settings->database, "dialler");
    }
}

TEST(MongoUri, refuses_the_rest_and_repeats_nothing_of_it) {
    const std::string uris[] = {"",
                                "postgres://s3cr3t@h/d",
                                "s3cr3t",
                                "mongodb://",
                                "mongodb://h",
                                "mongodb://h/",
                                "mongodb://h/?tls=true",
                                "mongodb://user:s3cr3t@@h/d",
                                "mongodb://user:s3c:r3t@h/d",
                                "mongodb://user:1234/s3cr3t@h/d",
                                "mongodb://h:notaport/d",
                                "mongodb://h:99999/d",
                                "mongodb://h/d/s3cr3t",
                                "mongodb://h/s3cr3t d",
                                "mongodb://h/$s3cr3t",
                                "mongodb+srv://a.b.c,d.e.f/d",
                                "mongodb+srv://a.b.c:27017/d",
                                "mongodb://h/" + std::string(64, 'd'),
                                std::string("mongodb://h/d\0x", 15),
                                "mongodb://h/" + std::string(5000, 'd')};
    for (const std::string& uri : uris) {
        const Result<MongoSettings> settings = parse_mongo_uri(uri);
        ASSERT_FALSE(settings) << uri;
        EXPECT_EQ(settings.error().code, Errc::invalid_input);
        EXPECT_EQ(settings.error().detail.rfind("MONGODB_URI ", 0), 0U);
        EXPECT_EQ(settings.error().detail.find("s3cr3t"), std::string::npos);
    }
}

TEST(MongoValue, texts_are_trimmed_valid_and_bounded) {
    using mongo::Document;
    const auto text = [](std::string_view value) {
        return mongo::text_at(*Document{}.text("f", value).get(), "f");
    };
    EXPECT_EQ(text(" Ann\n"), "Ann");
    EXPECT_EQ(text(std::string_view("A\0nn", 4)), "Ann");
    EXPECT_EQ(text("\xff"
                   "Ann"),
              "\xEF\xBF\xBD"
              "Ann");
    EXPECT_EQ(text("  "), "");
    EXPECT_EQ(text(std::string(10'000, 'a')).size(), 4096U);
}

TEST(MongoValue, numbers_and_dates_become_text) {
    using mongo::Document;
    using mongo::text_at;
    EXPECT_EQ(text_at(*Document{}.real("f", 61413052898.0).get(), "f"), "61413052898");
    EXPECT_EQ(text_at(*Document{}.real("f", -0.5).get(), "f"), "-0.5");
    EXPECT_EQ(text_at(*Document{}.real("f", 1e300).get(), "f"), "1e+300");
    EXPECT_EQ(text_at(*Document{}.real("f", std::nan("")).get(), "f"), "");
    EXPECT_EQ(text_at(*Document{}.number("f", -7).get(), "f"), "-7");
    EXPECT_EQ(text_at(*Document{}.boolean("f", true).get(), "f"), "");
    for (const auto& [decimal, text] : {std::pair{"61413052898", "61413052898"}, {"NaN", ""}}) {
        bson_decimal128_t value{};
        ASSERT_TRUE(bson_decimal128_from_string(decimal, &value));
        const mongo::OwnedBson document{bson_new()};
        bson_append_decimal128(document.get(), "f", 1, &value);
        EXPECT_EQ(text_at(*document.get(), "f"), text);
    }
    EXPECT_EQ(text_at(*Document{}.date("f", 1772366405250).get(), "f"), "2026-03-01T12:00:05.250Z");
    EXPECT_EQ(text_at(*Document{}.date("f", std::numeric_limits<std::int64_t>::max()).get(), "f"),
              "");
}

TEST(MongoValue, paths_lead_into_documents_and_may_be_literal) {
    using mongo::Document;
    Document inner;
    inner.text("name", "nested");
    Document nested;
    nested.document("customer", inner);
    EXPECT_EQ(mongo::text_at(*nested.get(), "customer.name"), "nested");
    EXPECT_EQ(mongo::text_at(*nested.get(), "customer"), "");
    EXPECT_EQ(mongo::text_at(*nested.get(), "customer.name.deeper"), "");
    EXPECT_EQ(mongo::text_at(*nested.get(), "nobody.name"), "");
    Document literal;
    literal.text("customer.name", "literal");
    EXPECT_EQ(mongo::text_at(*literal.get(), "customer.name"), "literal");
}

TEST(MongoValue, a_list_is_each_of_its_elements_as_in_a_query) {
    using mongo::Document;
    Document numbers;
    numbers.text("0", "+614").text("1", " ").boolean("2", true).number("3", 615);
    Document flat;
    flat.array("phone", numbers);
    EXPECT_THAT(mongo::texts_at(*flat.get(), "phone"), testing::ElementsAre("+614", "615"));
    EXPECT_EQ(mongo::text_at(*flat.get(), "phone"), "");
    Document home;
    home.text("number", "+61 1");
    Document work;
    work.array("number", numbers);
    Document list;
    list.document("0", home).document("1", work).text("2", "no document").array("3", list);
    Document deep;
    deep.array("phones", list);
    EXPECT_THAT(mongo::texts_at(*deep.get(), "phones.number"),
                testing::ElementsAre("+61 1", "+614", "615"));
    EXPECT_THAT(mongo::texts_at(*deep.get(), "phones.0.number"), testing::ElementsAre("+61 1"));
    EXPECT_THAT(mongo::texts_at(*deep.get(), "phones.mobile"), testing::IsEmpty());
    EXPECT_THAT(mongo::texts_at(*deep.get(), "phones"), testing::ElementsAre("no document"));
    EXPECT_THAT(mongo::texts_at(*home.get(), "number"), testing::ElementsAre("+61 1"));
    EXPECT_THAT(mongo::texts_at(*home.get(), "number.more"), testing::IsEmpty());
}

// Whatever bytes call themselves a document: a text or nothing, and the end is never passed (the
// address sanitizer looks on).
TEST(MongoValue, broken_documents_do_no_harm) {
    mongo::Document inner;
    inner.text("name", "nested").number("n", 1);
    mongo::Document whole;
    mongo::Document list;
    list.text("0", "a").document("1", inner).number("2", 3);
    whole.array("list", list);
    whole.document("customer", inner).text("to", "+614").real("r", 1.5).boolean("b", true);
    whole.object_id("_id", bson_oid_t{}).date("d", 5);
    const std::string good(reinterpret_cast<const char*>(bson_get_data(whole.get())),
                           whole.get()->len);
    Prng prng{1};
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = std::make_unique<std::uint8_t[]>(good.size());
        std::copy(good.begin(), good.end(), bytes.get());
        for (std::uint64_t flips = 1 + prng.below(4); flips > 0; --flips) {
            bytes[4 + prng.below(good.size() - 4)] = static_cast<std::uint8_t>(prng.next());
        }
        bson_t document;
        if (!bson_init_static(&document, bytes.get(), good.size())) continue;
        for (const char* path :
             {"customer.name", "to", "_id", "d", "r", "customer.n.x", "list", "list.name"}) {
            EXPECT_LE(mongo::text_at(document, path).size(), 4096U);
            EXPECT_LE(mongo::texts_at(document, path).size(), good.size());
        }
        (void)mongo::order_key_of_id(document);
    }
}

TEST(MongoValue, newer_object_ids_sort_later_and_kinds_do_not_mix) {
    const auto key_of = [](const char* hex) {
        bson_oid_t id;
        bson_oid_init_from_string(&id, hex);
        return mongo::order_key_of_id(*mongo::Document{}.object_id("_id", id).get());
    };
    const auto key_of_number = [](double number) {
        return mongo::order_key_of_id(*mongo::Document{}.real("_id", number).get());
    };
    EXPECT_LT(key_of("65f0a1b2c3d4e5f6a7b8c9d0"), key_of("65f0a1b2c3d4e5f6a7b8c9d1"));
    EXPECT_LT(key_of("7fffffffffffffffffffffff"), key_of("800000000000000000000000"));
    EXPECT_LT(key_of_number(-2), key_of_number(-1));
    EXPECT_LT(key_of_number(-1), key_of_number(0));
    EXPECT_LT(key_of_number(9), key_of_number(10));
    EXPECT_LT(key_of_number(1e18), key_of("000000000000000000000000"));
}

TEST(MongoValue, phone_forms_cover_what_diallers_store) {
    EXPECT_THAT(mongo::phone_forms("+61413052898"),
                testing::ElementsAre("+61413052898", "61413052898"));
    EXPECT_THAT(mongo::phone_forms(" 0061 413-052-898 "),
                testing::ElementsAre(" 0061 413-052-898 ", "0061 413-052-898", "+61413052898",
                                     "61413052898"));
    EXPECT_THAT(mongo::phone_forms(""), testing::IsEmpty());
}

TEST(MongoCampaignCache, is_bounded_in_number_and_age) {
    using mongo::CampaignCache;
    CampaignCache cache{{.entries_max = 2, .age_max = 60s, .absence_age_max = 5s}};
    const UtcTime t0 = from_unix_s(1'000'000);
    cache.put("a", {Campaign{"a", "A", ""}}, t0);
    cache.put("b", {std::nullopt}, t0);

    EXPECT_EQ(cache.find("a", t0 + 59s)->campaign->name, "A");
    EXPECT_FALSE(cache.find("a", t0 + 60s));
    EXPECT_FALSE(cache.find("a", t0 - 1s));  // The clock was set back.
    EXPECT_FALSE(cache.find("b", t0 + 4s)->campaign);
    EXPECT_FALSE(cache.find("b", t0 + 5s));

    cache.put("c", {Campaign{"c", "C", ""}}, t0);
    EXPECT_EQ(cache.size(), 2U);
    EXPECT_FALSE(cache.find("a", t0));
    EXPECT_TRUE(cache.find("c", t0));
    for (int i = 0; i < 100; ++i) cache.put("c", {Campaign{"c", "C2", ""}}, t0);
    EXPECT_TRUE(cache.find("b", t0));
    EXPECT_EQ(cache.find("c", t0)->campaign->name, "C2");
}

TEST(MongoSourceHealth, lets_one_try_at_a_time_through) {
    mongo::SourceHealth health{1s};
    const UtcTime t0 = from_unix_s(1'000'000);
    EXPECT_TRUE(health.may_ask(t0));
    EXPECT_TRUE(health.may_ask(t0));
    health.failed(t0, "gone");
    EXPECT_FALSE(health.may_ask(t0 + 999ms));
    EXPECT_TRUE(health.may_ask(t0 + 1s));
    EXPECT_FALSE(health.may_ask(t0 + 10s));  // Somebody is trying.
    health.failed(t0 + 11s, "still gone");
    EXPECT_EQ(health.detail(), "still gone");
    EXPECT_FALSE(health.may_ask(t0 + 11s));
    EXPECT_TRUE(health.may_ask(t0));  // The clock was set back.
    health.succeeded();
    EXPECT_TRUE(health.may_ask(t0));
    EXPECT_TRUE(health.may_ask(t0));
    EXPECT_FALSE(health.is_away());
}

TEST(MongoErrors, become_ours_and_quote_nothing) {
    struct Row {
        std::uint32_t domain;
        std::uint32_t code;
        const char* message;
        Errc errc;
        bool is_away;
    };
    const Row rows[] = {
        {MONGOC_ERROR_SERVER_SELECTION, 13053,
         "No suitable servers found: [Failed to connect to target host: s3cr3t:1]",
         Errc::unavailable, true},
        {MONGOC_ERROR_STREAM, 3, "Failed to look up SRV record s3cr3t", Errc::unavailable, true},
        {MONGOC_ERROR_STREAM, 4, "socket error or timeout s3cr3t", Errc::unavailable, true},
        {MONGOC_ERROR_CLIENT, 11, "Authentication failed for s3cr3t", Errc::unauthorized, true},
        {MONGOC_ERROR_SERVER, 18, "Authentication failed s3cr3t", Errc::unauthorized, true},
        {MONGOC_ERROR_SERVER, 13, "not authorized on s3cr3t", Errc::invalid_input, false},
        {MONGOC_ERROR_SERVER, 50, "operation exceeded s3cr3t", Errc::timeout, false},
        {MONGOC_ERROR_SERVER, 11600, "interrupted at shutdown", Errc::unavailable, true},
        {MONGOC_ERROR_SERVER, 2, "bad value s3cr3t", Errc::invalid_input, false},
        {MONGOC_ERROR_BSON, 1, "corrupt s3cr3t", Errc::corrupt, false},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.message);
        bson_error_t error{};
        bson_set_error(&error, row.domain, row.code, "%s", row.message);
        const Error ours = mongo::to_error(error);
        EXPECT_EQ(ours.code, row.errc);
        EXPECT_EQ(mongo::is_source_away(ours), row.is_away);
        EXPECT_EQ(ours.detail.find("s3cr3t"), std::string::npos);
        EXPECT_FALSE(ours.detail.empty());
    }
}

}  // namespace
}  // namespace wrapup
