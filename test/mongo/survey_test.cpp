// What `wrapup doctor` and `wrapup import --from mongodb` see.

#include <gmock/gmock.h>

#include <set>

#include "adapters/mongo/diagnosis.hpp"
#include "adapters/mongo/walk.hpp"
#include "test/mongo/world.hpp"

namespace wrapup {
namespace {

using test::MongoTest;
using test::settings_of;
using test::World;
using testing::ElementsAre;
using testing::IsEmpty;

class MongoDoctor : public MongoTest {
protected:
    // Twenty calls: all with a campaign that exists, half with a name, a fifth with a contact.
    void fill() {
        std::string calls;
        for (int i = 0; i < 20; ++i) {
            const std::string number = std::to_string(i);
            calls += (i == 0 ? "" : ",") + (R"({"callSid":"CA)" + number) +
                     R"(","campaignId":"spring","to":"+6140000)" + std::to_string(1000 + i) + '"' +
                     (i % 2 == 0 ? R"(,"contactName":"Ann"})" : "}");
        }
        write("calls", "[" + calls + "]");
        write("campaigns", R"([{"_id":"spring","name":"Spring"}])");
        write("contacts", R"([{"phoneNumber":"+61400001001","name":"B"},
            {"phoneNumber":"+61400001003","name":"C"},{"phoneNumber":"+61400001004","name":"D"},
            {"phoneNumber":"+61400001005","name":"E"}])");
    }

    MongoMapping mapping;
};

TEST_F(MongoDoctor, counts_what_resolves) {
    fill();
    World::get().dialler().index(database, "calls", "callSid");

    const MongoDiagnosis diagnosis = diagnose(settings(), mapping);

    EXPECT_TRUE(diagnosis.is_answering) << diagnosis.detail;
    EXPECT_EQ(diagnosis.detail, "");
    ASSERT_EQ(diagnosis.collections.size(), 3U);
    for (const auto& collection : diagnosis.collections) EXPECT_TRUE(collection.exists);
    ASSERT_EQ(diagnosis.indexes.size(), 2U);
    EXPECT_EQ(diagnosis.indexes[0].setting, "calls.sid");
    EXPECT_TRUE(diagnosis.indexes[0].exists);
    EXPECT_EQ(diagnosis.indexes[1].field, "phoneNumber");
    EXPECT_FALSE(diagnosis.indexes[1].exists);
    EXPECT_EQ(diagnosis.calls_count, 20);
    EXPECT_EQ(diagnosis.calls_with_campaign, 20);
    EXPECT_EQ(diagnosis.calls_with_name, 13);
    ASSERT_FALSE(diagnosis.misses.empty());
    EXPECT_EQ(diagnosis.misses.front().setting, "calls.name");
    EXPECT_EQ(diagnosis.misses.front().calls_count, 7);
    EXPECT_THAT(diagnosis.call_fields, testing::IsSupersetOf({"callSid", "campaignId", "to"}));
}

TEST_F(MongoDoctor, a_wrong_field_name_stands_out) {
    fill();
    mapping.calls.campaign = "campaign";  // The dialler calls it campaignId.

    const MongoDiagnosis diagnosis = diagnose(settings(), mapping);

    EXPECT_EQ(diagnosis.calls_with_campaign, 0);
    ASSERT_FALSE(diagnosis.misses.empty());
    EXPECT_EQ(diagnosis.misses.front().setting, "calls.campaign");
    EXPECT_EQ(diagnosis.misses.front().field, "campaign");
    EXPECT_EQ(diagnosis.misses.front().calls_count, 20);
    EXPECT_THAT(diagnosis.call_fields, testing::Contains("campaignId"));
}

TEST_F(MongoDoctor, a_wrong_sid_field_stands_out) {
    fill();
    mapping.calls.sid = "sid";

    const MongoDiagnosis diagnosis = diagnose(settings(), mapping);

    ASSERT_FALSE(diagnosis.misses.empty());
    EXPECT_EQ(diagnosis.misses.front().setting, "calls.sid");
    EXPECT_EQ(diagnosis.misses.front().calls_count, 20);
}

TEST_F(MongoDoctor, an_empty_database_has_no_collections) {
    const MongoDiagnosis diagnosis = diagnose(settings(), mapping);

    EXPECT_TRUE(diagnosis.is_answering) << diagnosis.detail;
    for (const auto& collection : diagnosis.collections) EXPECT_FALSE(collection.exists);
    EXPECT_EQ(diagnosis.calls_count, 0);
    EXPECT_THAT(diagnosis.misses, IsEmpty());
}

TEST_F(MongoDoctor, nobody_answering_is_said) {
    const MongoDiagnosis diagnosis =
        diagnose(settings_of("mongodb://127.0.0.1:1/d?serverSelectionTimeoutMS=300"), mapping);

    EXPECT_FALSE(diagnosis.is_answering);
    EXPECT_EQ(diagnosis.detail, "no connection to MongoDB");
}

struct Everything {
    std::vector<std::string> campaigns;
    std::vector<std::string> contacts;
    std::multiset<std::string> calls;
    std::uint64_t documents_count = 0;
    int pages_count = 0;
    std::vector<std::string> tokens;
};

// Each page by a walk of its own, as after as many interruptions.
Everything walk_all(const MongoSettings& settings, std::string token = {}) {
    Everything all;
    bool is_last = false;
    while (!is_last && all.pages_count < 50) {
        MongoWalk walk{settings, {}};
        const Result<MongoPage> page = walk.page_after(token);
        EXPECT_TRUE(page) << page.error().detail;
        if (!page) break;
        for (const Campaign& one : page->campaigns) all.campaigns.push_back(one.id);
        for (const Contact& one : page->contacts) all.contacts.push_back(one.phone);
        for (const auto& one : page->calls) all.calls.insert(one.call_sid);
        all.documents_count += page->documents_count;
        all.pages_count += 1;
        is_last = page->is_last;
        token = page->token;
        all.tokens.push_back(token);
    }
    return all;
}

TEST_F(MongoTest, a_walk_visits_everything_once_and_can_be_resumed) {
    std::string calls;
    for (int i = 0; i < 1200; ++i) {
        calls += (i == 0 ? "" : ",") + (R"({"callSid":"CA)" + std::to_string(i) + R"("})");
    }
    write("calls", "[" + calls + "]");
    write("campaigns", R"([{"_id":"b","name":"B"},{"_id":7,"name":"seven"},{"_id":"a","name":"A"},
        {"_id":{"$oid":"65f0a1b2c3d4e5f6a7b8c9d0"},"name":"O"}])");
    write("loose_contacts", R"([{"_id":1,"phoneNumber":"+614","name":"Ann"},
        {"_id":2,"phoneNumber":null,"name":"nobody"}])");

    const Everything all = walk_all(settings());

    EXPECT_THAT(all.campaigns, ElementsAre("7", "a", "b", "65f0a1b2c3d4e5f6a7b8c9d0"));
    EXPECT_THAT(all.contacts, ElementsAre("+614"));
    EXPECT_EQ(all.calls.size(), 1200U);
    EXPECT_EQ(std::set<std::string>(all.calls.begin(), all.calls.end()).size(), 1200U);
    EXPECT_EQ(all.documents_count, 1206U);
    EXPECT_EQ(MongoWalk(settings(), {}).count().value(), 1206U);

    // From the middle of the calls: what a first, interrupted import has not had.
    const Everything rest = walk_all(settings(), all.tokens.at(all.tokens.size() - 2));
    EXPECT_LT(rest.calls.size(), 1200U);
    EXPECT_THAT(rest.campaigns, IsEmpty());
    const Everything nothing = walk_all(settings(), all.tokens.back());
    EXPECT_EQ(nothing.documents_count, 0U);
}

TEST_F(MongoTest, a_walk_takes_each_number_of_a_list_and_counts_documents_without_one) {
    write("loose_contacts", R"([{"_id":1,"phoneNumber":["+611","+612"],"name":"Bob List"},
        {"_id":2,"phoneNumber":[null],"name":"nobody"},{"_id":3,"phoneNumber":{"a":1}}])");
    write("loose_calls", R"([{"_id":1,"callSid":["CA1","CA2"],"contactName":"Ann"},
        {"_id":2,"conversationId":"conv_1"},{"_id":3,"to":"+614"}])");
    MongoWalk walk{settings(), {}};
    std::vector<std::string> found;
    std::uint64_t documents_count = 0;
    std::uint64_t unusable_count = 0;
    std::string token;
    for (bool is_last = false; !is_last;) {
        const Result<MongoPage> page = walk.page_after(token);
        ASSERT_TRUE(page) << page.error().detail;
        for (const auto& one : page->contacts) found.push_back(one.phone + " " + one.name);
        for (const auto& one : page->calls) {
            found.push_back(one.call_sid + one.metadata.conversation_id + " " + one.metadata.name);
        }
        documents_count += page->documents_count;
        unusable_count += page->unusable_count;
        token = page->token;
        is_last = page->is_last;
    }
    EXPECT_THAT(found,
                ElementsAre("+611 Bob List", "+612 Bob List", "CA1 Ann", "CA2 Ann", "conv_1 "));
    EXPECT_EQ(documents_count, 6U);
    EXPECT_EQ(unusable_count, 3U);
}

TEST_F(MongoTest, a_walk_refuses_a_token_that_is_none) {
    MongoWalk walk{settings(), {}};
    for (const char* token : {"x", "9 0 ", "0 9 ", "0 0 {", "0 0 {}", "0 0 {\"_id\":", "-1 0 "}) {
        const Result<MongoPage> page = walk.page_after(token);
        ASSERT_FALSE(page) << token;
        EXPECT_EQ(page.error().code, Errc::invalid_input);
    }
}

}  // namespace
}  // namespace wrapup
