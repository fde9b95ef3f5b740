// What doctor makes of a look into the dialler's MongoDB. No server is needed: the looking itself
// is tested in test/mongo.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/doctor/doctor.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Level = Finding::Level;

MongoDiagnosis healthy() {
    MongoDiagnosis seen;
    seen.is_answering = true;
    seen.collections = {{"calls.collection", "calls", true},
                        {"campaigns.collection", "campaigns", true},
                        {"contacts.collection", "contacts", true}};
    seen.indexes = {{"calls.sid", "calls", "callSid", true},
                    {"contacts.phone", "contacts", "phoneNumber", true}};
    seen.calls_count = 100;
    seen.calls_with_campaign = 100;
    seen.calls_with_name = 100;
    seen.call_fields = {"_id", "callSid", "campaign_ref", "contactName"};
    return seen;
}

std::string told(const MongoDiagnosis& seen) {
    std::string text;
    for (const auto& finding : judge_mongodb(seen)) {
        text += finding.level == Level::broken ? "broken: "
                : finding.level == Level::note ? "note: "
                                               : "ok: ";
        text += finding.text + " -> " + finding.advice + "\n";
    }
    return text;
}

TEST(DoctorMongodb, is_content_when_all_resolves_and_asks_for_a_reading_role) {
    const std::string text = told(healthy());
    EXPECT_THAT(text, Not(HasSubstr("note: ")));
    EXPECT_THAT(text, Not(HasSubstr("broken: ")));
    EXPECT_THAT(text, HasSubstr("ok: MongoDB answers -> nothing is ever written there"));
    EXPECT_THAT(text, HasSubstr("role read"));
    EXPECT_THAT(text, HasSubstr("ok: 100 of the latest 100 calls in MongoDB have a campaign"));
}

TEST(DoctorMongodb, says_why_there_is_no_answer_and_nothing_else) {
    MongoDiagnosis seen;
    seen.detail = "no server can be reached";
    EXPECT_THAT(told(seen),
                testing::StartsWith("broken: MongoDB does not answer: no server can be reached"));
    EXPECT_EQ(judge_mongodb(seen).size(), 1U);
}

TEST(DoctorMongodb, names_collections_that_are_not_there) {
    MongoDiagnosis seen = healthy();
    seen.collections[0].exists = false;
    seen.collections[2].exists = false;
    seen.indexes[0].exists = false;
    seen.indexes[1].exists = false;
    seen.calls_count = 0;
    const std::string text = told(seen);
    EXPECT_THAT(text, HasSubstr("broken: MongoDB has no collection calls"));
    EXPECT_THAT(text, HasSubstr("note: MongoDB has no collection contacts"));
    EXPECT_THAT(text, HasSubstr("[metadata.mongodb] calls.collection"));
    EXPECT_THAT(text, Not(HasSubstr("index"))) << "of a collection that is not there";
}

TEST(DoctorMongodb, says_how_to_make_an_index_that_is_missing) {
    MongoDiagnosis seen = healthy();
    seen.indexes[1].exists = false;
    const std::string text = told(seen);
    EXPECT_THAT(text, HasSubstr("ok: MongoDB has an index on calls.callSid"));
    EXPECT_THAT(text, HasSubstr("note: MongoDB has no index on contacts.phoneNumber"));
    EXPECT_THAT(text,
                HasSubstr(R"(db.getCollection("contacts").createIndex({ "phoneNumber": 1 }))"));
}

TEST(DoctorMongodb, shows_a_wrong_field_beside_the_fields_that_are_there) {
    MongoDiagnosis seen = healthy();
    seen.calls_with_campaign = 0;
    seen.misses = {{"calls.campaign", "campaignId", 100}, {"calls.to", "to", 3}};
    const std::string text = told(seen);
    EXPECT_THAT(text, HasSubstr("broken: 0 of the latest 100 calls in MongoDB have a campaign"));
    EXPECT_THAT(text, HasSubstr("calls.campaign = \"campaignId\", for 100 of 100 calls"));
    EXPECT_THAT(text, HasSubstr("fields _id, callSid, campaign_ref, contactName"));
    EXPECT_THAT(text, Not(HasSubstr("calls.to")));
}

TEST(DoctorMongodb, does_not_compare_a_campaigns_field_with_those_of_calls) {
    MongoDiagnosis seen = healthy();
    seen.calls_with_campaign = 40;
    seen.misses = {{"campaigns.name", "title", 60}};
    const std::string text = told(seen);
    EXPECT_THAT(text, HasSubstr("campaigns.name = \"title\""));
    EXPECT_THAT(text, Not(HasSubstr("campaign_ref")));
}

struct Rate {
    const char* name;
    int calls_with_name;
    Level level;

    friend void PrintTo(const Rate& rate, std::ostream* out) { *out << rate.name; }
};

class DoctorMongodbRate : public testing::TestWithParam<Rate> {};

TEST_P(DoctorMongodbRate, is_judged) {
    MongoDiagnosis seen = healthy();
    seen.calls_with_name = GetParam().calls_with_name;
    bool is_told = false;
    for (const auto& finding : judge_mongodb(seen)) {
        if (finding.text.find("have a name") == std::string::npos) continue;
        is_told = true;
        EXPECT_EQ(finding.level, GetParam().level);
    }
    EXPECT_TRUE(is_told);
}

INSTANTIATE_TEST_SUITE_P(Table, DoctorMongodbRate,
                         testing::Values(Rate{"all", 100, Level::good},
                                         Rate{"most", 99, Level::note}, Rate{"one", 1, Level::note},
                                         Rate{"none", 0, Level::broken}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(DoctorMongodb, says_that_an_empty_database_tries_nothing) {
    MongoDiagnosis seen = healthy();
    seen.calls_count = 0;
    EXPECT_THAT(told(seen), HasSubstr("note: MongoDB holds no calls yet"));
}

TEST(DoctorMongodb, tells_what_could_not_be_read) {
    MongoDiagnosis seen = healthy();
    seen.detail = "MongoDB refuses this user";
    const std::string text = told(seen);
    EXPECT_THAT(text, HasSubstr("broken: MongoDB answers, but not everything: MongoDB refuses"));
    EXPECT_THAT(text, Not(HasSubstr("latest")));
}

TEST(DoctorMongodb, asks_nobody_without_a_uri_or_while_settings_are_wrong) {
    EXPECT_THAT(examine_mongodb(inspect_settings({})), IsEmpty());
    SettingsInput input;
    input.environment = {{"MONGODB_URI", "nonsense"}};
    const auto inspected = inspect_settings(input);
    EXPECT_THAT(inspected.problems, Not(IsEmpty()));
    EXPECT_THAT(examine_mongodb(inspected), IsEmpty());
}

}  // namespace
}  // namespace wrapup
